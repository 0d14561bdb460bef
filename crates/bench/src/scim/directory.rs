//! A directory of Elder and its token, made through REST v2.

use elder_kernel::Id;
use serde_json::{Value, json};
use uuid::Uuid;

use super::requests::{Place, expect};
use crate::{data, fault::Fault, http::Connection, operation, server::Server};

/// A directory that takes pushes.
pub(crate) struct Directory {
    /// As it stands in the database.
    pub(crate) id: Uuid,
    place: Place,
}

impl Directory {
    /// Makes one that pauses for nobody: users are deactivated by the thousand here.
    pub(crate) fn connect(elder: &Server, name: &str) -> Result<Self, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let tokens = expect(&connection.exchange(&operation::login(&data::email(1)))?, 200)?;
        let bearer = format!("Authorization: Bearer {}\r\n", text(&tokens, "access_token")?);
        let new = json!({ "name": name, "max_removals": 100 });
        let request = operation::post("/api/v2/directories", &bearer, &new);
        let id = text(&expect(&connection.exchange(&request)?, 201)?, "id")?;
        let path = format!("/api/v2/directories/{id}/tokens");
        let request = operation::post(&path, &bearer, &json!({ "name": "benchmark" }));
        let token = text(&expect(&connection.exchange(&request)?, 201)?, "token")?;
        let place = Place { base: "/scim/v2", headers: format!("Authorization: Bearer {token}\r\n") };
        let id: Id<elder_kernel::Directory> =
            id.parse().map_err(|_| Fault::broken(format!("{id} names no directory")))?;
        Ok(Self { id: id.uuid(), place })
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }
}

fn text(body: &Value, name: &str) -> Result<String, Fault> {
    let text = body.get(name).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Fault::broken(format!("no {name} in {body}")))
}
