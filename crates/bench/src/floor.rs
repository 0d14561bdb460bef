//! The least server that does the same queries: HTTP/1.1 with keep-alive on one thread, a database connection for
//! each client, no authentication, no routing, no limits, JSON written by hand.

use std::{io, net::SocketAddr};

use elder_kernel::{Id, Seam, User};
use futures_util::join;
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_postgres::{Client, NoTls, Row, Statement, types::ToSql};
use uuid::Uuid;

use crate::{data, fault::Fault, operation::PAGE, sql};

const BEGIN_READ: &str = "BEGIN READ ONLY; SET LOCAL app.current_tenant_id = '2'";
const BEGIN_READ_LARGE: &str = "BEGIN READ ONLY; SET LOCAL app.current_tenant_id = '1003'";
const BEGIN_WRITE: &str = "BEGIN; SET LOCAL app.current_tenant_id = '2'";

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A client's session: its connection to the database, with everything prepared.
struct Session {
    client: Client,
    read: Statement,
    by_address: Statement,
    list: Statement,
    create: Statement,
    record: Statement,
    seam: Seam,
}

/// What a request asks for.
enum Asked {
    Ready,
    Read(Id<User>),
    /// Of the large tenant.
    ByAddress(String),
    List,
    Create(NewUser),
}

#[derive(Deserialize)]
struct NewUser {
    email: String,
    full_name: String,
}

/// Serves until it is killed.
pub(crate) fn serve(listen: SocketAddr, database: &str) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let database = database.to_owned();
            elder_telemetry::spawn("client", async move {
                // A client that leaves is no fault, and any other the load generator reports.
                let _ = converse(stream, &database).await;
            });
        }
    })
}

async fn converse(mut stream: TcpStream, database: &str) -> Result<(), Fault> {
    stream.set_nodelay(true)?;
    let session = Session::open(database).await?;
    let mut received = Vec::with_capacity(4096);
    let mut body = String::with_capacity(64 * 1024);
    while stream.read_buf(&mut received).await? > 0 {
        let Some((asked, end)) = parse(&received)? else { continue };
        body.clear();
        let status = session.answer(asked, &mut body).await?;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        received.drain(..end);
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    }
    Ok(())
}

/// The request and where it ends, once it is whole.
fn parse(bytes: &[u8]) -> Result<Option<(Asked, usize)>, Fault> {
    let Some(head_end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(bytes.get(..head_end).unwrap_or_default());
    let head = head.map_err(|_| Fault::broken("a request's head is no text"))?;
    let body = head_end + 4;
    let mut words = head.split(' ');
    let asked = match (words.next(), words.next()) {
        (Some("GET"), Some("/readyz")) => Asked::Ready,
        (Some("GET"), Some(path)) => match path.strip_prefix("/api/v2/users/") {
            Some(id) => Asked::Read(id.parse().map_err(|_| Fault::broken("a request names no user"))?),
            None => match path.split("%22").nth(1) {
                Some(address) => Asked::ByAddress(address.to_owned()),
                None => Asked::List,
            },
        },
        _ => {
            let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.split('\r').next());
            let length: usize = length.and_then(|word| word.parse().ok()).unwrap_or_default();
            let Some(content) = bytes.get(body..body + length) else { return Ok(None) };
            let user = serde_json::from_slice(content).map_err(io::Error::from)?;
            return Ok(Some((Asked::Create(user), body + length)));
        }
    };
    Ok(Some((asked, body)))
}

impl Session {
    async fn open(database: &str) -> Result<Self, Fault> {
        let mut config: tokio_postgres::Config = database.parse()?;
        config.options("-c plan_cache_mode=force_generic_plan");
        let (client, connection) = config.connect(NoTls).await?;
        elder_telemetry::spawn("database", connection);
        let (read, list) = (client.prepare(sql::READ).await?, client.prepare(sql::LIST).await?);
        let (create, record) = (client.prepare(sql::CREATE).await?, client.prepare(sql::RECORD).await?);
        let by_address = client.prepare(sql::BY_ADDRESS).await?;
        Ok(Self { client, read, by_address, list, create, record, seam: Seam::system() })
    }

    async fn answer(&self, asked: Asked, body: &mut String) -> Result<&'static str, Fault> {
        match asked {
            Asked::Ready => body.push_str("{}"),
            Asked::Read(id) => {
                let rows = self.query(BEGIN_READ, &self.read, &[&data::TENANT, &id.uuid()]).await?;
                let row = rows.first().ok_or_else(|| Fault::broken("there is no such user"))?;
                write_user(row, body)?;
            }
            Asked::ByAddress(address) => {
                let values: Parameters<'_> = &[&data::LARGE_TENANT, &address];
                write_page(&self.query(BEGIN_READ_LARGE, &self.by_address, values).await?, body)?;
            }
            Asked::List => {
                // One more row than is shown tells whether there is a next page.
                let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
                let values: Parameters<'_> = &[&data::TENANT, &Uuid::nil(), &most];
                write_page(&self.query(BEGIN_READ, &self.list, values).await?, body)?;
            }
            Asked::Create(user) => {
                self.create(&user, body).await?;
                return Ok("201 Created");
            }
        }
        Ok("200 OK")
    }

    /// A read-only transaction in one flush.
    async fn query(
        &self,
        begin: &str,
        statement: &Statement,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Fault> {
        let (begun, rows, ended) = join!(
            self.client.batch_execute(begin),
            self.client.query(statement, parameters),
            self.client.batch_execute("COMMIT"),
        );
        begun.and(ended)?;
        Ok(rows?)
    }

    async fn create(&self, user: &NewUser, body: &mut String) -> Result<(), Fault> {
        let (id, event, outbox) = (self.seam.id::<User>(), self.seam.id::<User>(), self.seam.id::<User>());
        let name = id.to_string();
        let changes = json!({ "email": { "before": null, "after": user.email } });
        let (id, event, outbox) = (id.uuid(), event.uuid(), outbox.uuid());
        let created: Parameters<'_> = &[&data::TENANT, &id, &user.email, &user.full_name];
        let told: Parameters<'_> = &[&data::TENANT, &event, &id, &name, &changes, &outbox];
        let (begun, row, recorded, ended) = join!(
            self.client.batch_execute(BEGIN_WRITE),
            self.client.query_one(&self.create, created),
            self.client.execute(&self.record, told),
            self.client.batch_execute("COMMIT"),
        );
        begun.and(ended)?;
        recorded?;
        write_user(&row?, body)
    }
}

/// Users as a page of the API shows them.
fn write_page(rows: &[Row], body: &mut String) -> Result<(), Fault> {
    body.push_str("{\"data\":[");
    for (place, row) in rows.iter().take(PAGE).enumerate() {
        if place > 0 {
            body.push(',');
        }
        write_user(row, body)?;
    }
    body.push_str("],\"next_cursor\":\"fixed\"}");
    Ok(())
}

/// A user as the API shows it. No text here needs an escape.
fn write_user(row: &Row, body: &mut String) -> Result<(), Fault> {
    use std::fmt::Write as _;
    let text = |name| row.try_get::<_, Option<&str>>(name);
    let time = |name| row.try_get::<_, Option<chrono::DateTime<chrono::Utc>>>(name);
    let flag = |name| row.try_get::<_, bool>(name);
    let id = Id::<User>::from_uuid(row.try_get("id")?);
    // Writing into a text cannot fail.
    let _ = write!(body, "{{\"id\":\"{id}\"");
    for name in ["email", "full_name", "global_role", "tenant_role", "locale", "time_zone", "external_id"] {
        let _ = match text(name)? {
            Some(value) => write!(body, ",\"{name}\":\"{value}\""),
            None => write!(body, ",\"{name}\":null"),
        };
    }
    for name in ["is_active", "email_verified", "has_password"] {
        let _ = write!(body, ",\"{name}\":{}", flag(name)?);
    }
    for name in ["last_login_at", "created_at", "updated_at"] {
        let _ = match time(name)? {
            Some(value) => write!(body, ",\"{name}\":\"{}\"", value.format("%Y-%m-%dT%H:%M:%S%.6fZ")),
            None => write!(body, ",\"{name}\":null"),
        };
    }
    let _ = write!(body, ",\"managed_by\":null,\"version\":{}}}", row.try_get::<_, i64>("version")?);
    Ok(())
}
