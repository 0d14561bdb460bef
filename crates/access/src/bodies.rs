//! What was sent and answered in a call: as it came, as it is kept, and sealed.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elder_api_types::audit_body::{CallBodies, KeptBody, LeftOut};
use elder_crypto::Sealer;
use elder_http::{BodyForms, Form, Sent};
use elder_kernel::{AuditEvent, Id, TenantId};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a content that is kept.
const MOST_KEPT: usize = 16 << 10;

/// At which place of its tenant the bodies of a call are sealed.
pub fn place_of_body(event: Id<AuditEvent>) -> String {
    format!("audit_bodies/sealed/{event}")
}

/// What the event of a call says of its bodies: the hash of the sealed form, in base64. So the log's proof covers them, and
/// stays as it is when they go.
pub fn digest_of_body(sealed: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(sealed))
}

/// What was sent and answered, as it came. It lies in memory alone, and not for long.
pub(crate) struct Said {
    pub(crate) forms: BodyForms,
    /// By which name the forms know the route.
    pub(crate) route: String,
    pub(crate) status: u16,
    pub(crate) request: Option<Sent>,
    pub(crate) answer: Option<Sent>,
    room: Room,
}

/// Whether it may wait in memory.
enum Room {
    NotAsked,
    Taken { _until_dropped: OwnedSemaphorePermit },
    None,
}

impl Said {
    pub(crate) fn new(forms: BodyForms, route: String, status: u16) -> Self {
        Self { forms, route, status, request: None, answer: None, room: Room::NotAsked }
    }

    /// Takes the room that it needs while it waits. Where there is none, it is dropped but for its size.
    pub(crate) fn wait_in(&mut self, room: &Arc<Semaphore>) {
        let texts = [&mut self.request, &mut self.answer].into_iter().flatten().map(|sent| &mut sent.text);
        let texts: Vec<_> = texts.collect();
        let bytes = texts.iter().filter_map(|text| (**text).as_ref()).map(bytes::Bytes::len).sum::<usize>();
        let taken =
            u32::try_from(bytes).ok().and_then(|bytes| room.clone().try_acquire_many_owned(bytes).ok());
        self.room = if let Some(permit) = taken {
            Room::Taken { _until_dropped: permit }
        } else {
            for text in texts {
                *text = None;
            }
            Room::None
        };
    }

    /// Seals what may be kept of it; none if there is nothing.
    pub(crate) fn sealed(self, sealer: &Sealer, tenant: TenantId, event: Id<AuditEvent>) -> Option<Vec<u8>> {
        let kept = self.kept();
        let text = if kept.is_empty() { None } else { serde_json::to_vec(&kept).ok() }?;
        Some(sealer.seal(&format!("{tenant}/{}", place_of_body(event)), &text))
    }

    fn kept(self) -> CallBodies {
        let Self { forms, route, status, request, answer, room } = self;
        let kept = |sent: Sent, form| match room {
            Room::None => KeptBody::left_out(sent.bytes, LeftOut::NoRoom),
            _ => kept(sent, form),
        };
        CallBodies {
            request: request.map(|sent| kept(sent, forms.request(&route))),
            answer: answer.map(|sent| kept(sent, forms.answer(&route, status))),
        }
    }
}

fn kept(sent: Sent, form: Option<&Form>) -> KeptBody {
    let Sent { bytes, text } = sent;
    let Some(text) = text else { return KeptBody::left_out(bytes, LeftOut::TooLong) };
    let Some(form) = form else { return KeptBody::left_out(bytes, LeftOut::NotDescribed) };
    let Ok(value) = serde_json::from_slice::<Value>(&text) else {
        return KeptBody::left_out(bytes, LeftOut::NotJson);
    };
    let content = form.kept(value);
    if !content.is_object() {
        return KeptBody::left_out(bytes, LeftOut::NotDescribed);
    }
    let text = content.to_string();
    if text.len() > MOST_KEPT {
        let sha256 = Some(STANDARD.encode(Sha256::digest(text)));
        return KeptBody { sha256, ..KeptBody::left_out(bytes, LeftOut::TooLong) };
    }
    KeptBody { bytes, content: Some(content), left_out: None, sha256: None }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use elder_http::RouteTable;
    use serde_json::json;
    use utoipa::ToSchema;

    use super::*;

    /// A thing.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Thing {
        name: String,
        #[schema(format = "password", write_only)]
        key: String,
    }

    fn sent(text: &str) -> Sent {
        Sent { bytes: text.len() as u64, text: Some(Bytes::copy_from_slice(text.as_bytes())) }
    }

    fn form() -> Form {
        Form::of::<Thing>()
    }

    #[test]
    fn a_body_is_kept_without_its_secrets() {
        let kept = kept(sent(r#"{"name":"a","key":"hunter2","other":"hunter2"}"#), Some(&form()));
        assert_eq!(kept.content, Some(json!({ "name": "a", "key": "[redacted]" })));
        assert_eq!((kept.bytes, kept.left_out, kept.sha256), (46, None, None));
    }

    #[test]
    fn of_what_cannot_be_kept_the_size_is_told_and_why() {
        let long = json!({ "name": "a".repeat(MOST_KEPT) }).to_string();
        for (body, form, why) in [
            (sent("{"), Some(form()), LeftOut::NotJson),
            (sent("[]"), Some(form()), LeftOut::NotDescribed),
            (sent("{}"), None, LeftOut::NotDescribed),
            (sent(&long), Some(form()), LeftOut::TooLong),
            (Sent { bytes: 100_000, text: None }, Some(form()), LeftOut::TooLong),
        ] {
            let (bytes, has_digest) =
                (body.bytes, body.text.as_ref().is_some_and(|text| text.len() > MOST_KEPT));
            let kept = kept(body, form.as_ref());
            assert_eq!((kept.bytes, kept.content, kept.left_out), (bytes, None, Some(why)));
            assert_eq!(kept.sha256.is_some(), has_digest, "{why:?}");
        }
    }

    #[test]
    fn what_finds_no_room_is_dropped_but_for_its_size() {
        let room = Arc::new(Semaphore::new(20));
        let said = || {
            let mut said = Said::new(BodyForms::of(&RouteTable::default()), "GET /".to_owned(), 200);
            said.answer = Some(sent("{\"name\":\"a\"}"));
            said.wait_in(&room);
            said
        };
        let (first, second) = (said(), said());
        assert_eq!(second.kept().answer, Some(KeptBody::left_out(12, LeftOut::NoRoom)));
        assert_eq!(first.kept().answer.unwrap().left_out, Some(LeftOut::NotDescribed));
        assert_eq!(room.available_permits(), 20, "the room is free again");
    }
}
