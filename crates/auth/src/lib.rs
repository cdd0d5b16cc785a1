//! Who somebody is, and who may do what: passwords, tokens, grants, and the decisions that follow from them.
//!
//! Nothing here knows of HTTP or of a database.

mod access;
mod grants;
mod password;
mod permission;
mod resource;
mod throttle;
mod token;
mod user_name;
mod viewer;

pub use access::{Access, Owner};
pub use grants::{Grant, Grants};
pub use password::{HashMethod, Password, PasswordHash, Verdict};
pub use permission::Permission;
pub use resource::ResourceType;
pub use throttle::{Throttle, Wait};
pub use token::{Token, TokenHash};
pub use user_name::UserName;
pub use viewer::{Object, Viewer, Visible};
