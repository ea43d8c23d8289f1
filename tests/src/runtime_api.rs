//! A Runtime API with scripted faults, which records what it is asked.
