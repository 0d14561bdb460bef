//! What is new goes to each place: a line each into the file, one request to the URL.

mod repository;

use std::{fs::OpenOptions, io::Write as _, path::Path};

use elder_access::{Worker, work::Housekeeping};
use elder_kernel::TenantId;
use http::{Method, Request, header};
use serde_json::json;

use super::{Copies, CopyError, Sent, Webhook};

/// Checkpoints in one request.
const MOST: usize = 1_000;

/// A checkpoint that may be new to a place.
pub(super) struct Copy {
    tenant: TenantId,
    size: i64,
    note: String,
}

pub(super) async fn send(copies: &mut Copies, worker: &Worker) -> Result<(), CopyError> {
    let Copies { file, webhook } = copies;
    if file.is_none() && webhook.is_none() {
        return Ok(());
    }
    let tx = worker.job::<Housekeeping>().platform().await?;
    let newest = repository::newest(&tx).await?;
    let written = file.as_mut().map_or(Ok(()), |(path, sent)| append(path, &newest, sent));
    if let Some((webhook, sent)) = webhook {
        for some in unsent(&newest, sent).chunks(MOST) {
            call(webhook, some).await?;
            mark(sent, some);
        }
    }
    written
}

fn unsent<'a>(newest: &'a [Copy], sent: &Sent) -> Vec<&'a Copy> {
    newest.iter().filter(|copy| sent.get(&copy.tenant) != Some(&copy.size)).collect()
}

fn mark(sent: &mut Sent, copies: &[&Copy]) {
    sent.extend(copies.iter().map(|copy| (copy.tenant, copy.size)));
}

/// One line a checkpoint, on disk before it counts as sent.
fn append(path: &Path, newest: &[Copy], sent: &mut Sent) -> Result<(), CopyError> {
    let new = unsent(newest, sent);
    if new.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = new.iter().map(|copy| json!({ "checkpoint": copy.note }).to_string()).collect();
    let file = OpenOptions::new().append(true).create(true).open(path);
    let written = file.and_then(|mut file| {
        file.write_all((lines.join("\n") + "\n").as_bytes())?;
        file.sync_data()
    });
    written.map_err(|error| CopyError::File(path.to_owned(), error))?;
    mark(sent, &new);
    Ok(())
}

async fn call(webhook: &Webhook, copies: &[&Copy]) -> Result<(), CopyError> {
    let notes: Vec<_> = copies.iter().map(|copy| copy.note.as_str()).collect();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&webhook.url)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = &webhook.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
    }
    let request = request.body(json!({ "checkpoints": notes }).to_string().into_bytes())?;
    let answer = webhook.outbound.call(request).await?;
    if answer.status().is_success() { Ok(()) } else { Err(CopyError::Refused(answer.status().as_u16())) }
}
