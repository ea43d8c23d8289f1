pub use serde::{Deserialize, Serialize};

pub struct OrderError;
