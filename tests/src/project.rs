//! Generates projects and builds them, all in one target folder.
