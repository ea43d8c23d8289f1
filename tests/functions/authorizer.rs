//! Lambda authorizers, and the handlers behind one.

use lambda_native::http::{Allow, Deny, Json, Problem, Request};
use lambda_native::{Context, Error, lambda_handler};
use serde::{Deserialize, Serialize};

/// The caller, as `check` has found out.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct User {
    name: String,
    level: u32,
    is_admin: bool,
    team: Option<String>,
}

struct Users(&'static [(&'static str, &'static str)]);

fn load() -> Users {
    Users(&[("ada", "Ada \"Lovelace\""), ("eve", "")])
}

/// Lets callers with a token in.
#[lambda_handler(named, authorizer)]
async fn check(#[header] x_token: &str, users: &Users) -> Result<Allow<User>, Deny> {
    let (id, name) = users.0.iter().find(|(id, _)| *id == x_token).ok_or(Deny::Unauthorized)?;
    if name.is_empty() {
        return Err(Deny::Forbidden);
    }
    let user = User { name: (*name).to_owned(), level: 7, is_admin: true, team: None };
    Ok(Allow::new(*id).with_context(user))
}

/// An authorizer that looks at the whole request, and whose context is none that a REST API takes.
#[lambda_handler(named, authorizer)]
fn look(request: &Request<'_>, context: &Context) -> Result<Allow<Vec<(String, String)>>, Error> {
    match request.path() {
        "/broken" => Err(Error::new("NoDatabase", "the database is gone")),
        "/closed" => Err(Error::new("Closed", "closed").with_status(403)),
        _ => Ok(Allow::new(context.request_id().to_owned()).with_context(Vec::new())),
    }
}

/// An authorizer whose errors are responses, and whose context is nested.
#[lambda_handler(named, authorizer)]
async fn nested(
    #[query] key: Option<u32>,
    #[header] authorization: Option<&str>,
    request: Request<'_>,
) -> Result<Allow<serde_json::Value>, Problem> {
    let key = key.ok_or(Problem::new(401))?;
    let seen = format!("{} {} {authorization:?}", request.method(), request.path());
    let stage = request.stage();
    Ok(Allow::new("me")
        .with_context(serde_json::json!({ "keys": [key], "seen": seen, "stage": stage })))
}

#[lambda_handler(named, get = "/me", auth = check)]
async fn me(#[authorizer] user: User) -> Json<User> {
    Json(user)
}

#[lambda_handler(named, get = "/open")]
async fn open(#[authorizer] user: Option<User>) -> String {
    format!("{user:?}")
}

/// It takes nothing of the authorizer, and is nevertheless behind it.
#[lambda_handler(named, delete = "/orders/{id}", auth = check)]
async fn delete_order(id: u32) -> String {
    format!("deleted {id}")
}

lambda_native::main!(check, look, nested, me, open, delete_order, init = load);
