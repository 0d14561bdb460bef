//! Reads a batch: its shape as a whole, then each operation for itself, so that one that is wrong spoils no other.

use std::{fmt, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_api_types::batch::{MOST, is_offered};
use elder_http::{Body, Problem, checked_part, read_json, read_part};
use elder_kernel::{ErrorCode, FieldFault, Id, InvalidId, Kind, Precondition};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::BatchOf;
use crate::{doors::charge, permissions::Permission as _};

/// Bytes that its body may have: 10 MiB.
const MOST_BYTES: usize = 10 << 20;

/// The operations of a batch. Each has cost as much as the single call.
pub struct Operations<C: BatchOf> {
    pub(super) is_atomic: bool,
    /// In their order; the problem of one that cannot be read.
    pub(super) operations: Vec<Result<Operation<C>, Problem>>,
}

/// One change, with what it demands of the resource that it finds.
pub(super) enum Operation<C: BatchOf> {
    Create(C::New),
    Update(Id<C::Kind>, C::Patch, Precondition),
    Delete(Id<C::Kind>, Precondition),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    atomic: bool,
    operations: Parts,
}

/// What stands in the list of operations.
struct Parts(Vec<Box<RawValue>>);

/// An operation of which the kind is known, and nothing else was looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    op: Verb,
    id: Option<String>,
    if_match: Option<String>,
    data: Option<Box<RawValue>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verb {
    Create,
    Update,
    Delete,
}

impl Verb {
    fn is_offered<C: BatchOf>(self) -> bool {
        match self {
            Self::Create => is_offered::<C::New>(),
            Self::Update => is_offered::<C::Patch>(),
            Self::Delete => true,
        }
    }
}

/// Where an operation stands in the body.
pub(super) fn place(index: usize) -> String {
    format!("/operations/{index}")
}

impl<'de> Deserialize<'de> for Parts {
    /// Takes no more than a batch may have: who sends millions shall not have them stored.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Few;

        impl<'de> Visitor<'de> for Few {
            type Value = Parts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "1 to {MOST} operations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Parts, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = all.next_element()? {
                    parts.push(part);
                    if parts.len() > MOST {
                        return Err(A::Error::invalid_length(parts.len(), &self));
                    }
                }
                if parts.is_empty() { Err(A::Error::invalid_length(0, &self)) } else { Ok(Parts(parts)) }
            }
        }

        deserializer.deserialize_seq(Few)
    }
}

impl Shape {
    fn read<C: BatchOf>(part: &RawValue) -> Result<Self, Problem> {
        let shape: Self = read_part(part)?;
        if !shape.op.is_offered::<C>() {
            let what = "this collection has no such operation in batches";
            return Err(misshapen(vec![FieldFault::new("/op", "invalid_value", what)]));
        }
        let (is_new, is_gone) = (shape.op == Verb::Create, shape.op == Verb::Delete);
        let faults: Vec<_> = [
            expected("id", shape.id.is_some(), !is_new),
            expected("data", shape.data.is_some(), !is_gone),
            expected("if_match", shape.if_match.is_some(), !is_new && shape.if_match.is_some()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if faults.is_empty() { Ok(shape) } else { Err(misshapen(faults)) }
    }

    fn operation<C: BatchOf>(self) -> Result<Operation<C>, Problem> {
        let demand = self.if_match.as_deref().map(Precondition::read).unwrap_or_default();
        let data = self.data.unwrap_or_default();
        Ok(match self.op {
            Verb::Create => Operation::Create(read_data(&data)?),
            Verb::Update => Operation::Update(read_id(self.id)?, read_data(&data)?, demand),
            Verb::Delete => Operation::Delete(read_id(self.id)?, demand),
        })
    }
}

fn read_id<K: Kind>(id: Option<String>) -> Result<Id<K>, Problem> {
    id.unwrap_or_default().parse().map_err(|error: InvalidId| {
        let fault = FieldFault::new("/id", "invalid_id", error.to_string());
        Problem::new(ErrorCode::InvalidId, format!("{error}.")).with_faults(vec![fault])
    })
}

fn read_data<T: Body>(data: &RawValue) -> Result<T, Problem> {
    checked_part(data).map_err(|problem| problem.within("/data"))
}

/// The fault of a field that is missing, or there for nothing.
fn expected(name: &str, is_there: bool, is_due: bool) -> Option<FieldFault> {
    let (code, what) = match (is_there, is_due) {
        (false, true) => ("required", "needs"),
        (true, false) => ("unknown_field", "takes no"),
        _ => return None,
    };
    Some(FieldFault::new(format!("/{name}"), code, format!("this operation {what} `{name}`")))
}

fn misshapen(faults: Vec<FieldFault>) -> Problem {
    let what = "Some operations have not the form of their kind; `errors` names each fault.";
    Problem::new(ErrorCode::ValidationFailed, what).with_faults(faults)
}

impl<C: BatchOf> Operations<C> {
    /// Every fault of the form at once; what an operation carries is its own affair.
    fn read(Envelope { atomic, operations: Parts(parts) }: Envelope) -> Result<Self, Problem> {
        let (mut operations, mut misshapen) = (Vec::with_capacity(parts.len()), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            let within = |problem: Problem| problem.within(&place(index));
            match Shape::read::<C>(part) {
                Ok(shape) => operations.push(shape.operation().map_err(within)),
                Err(problem) => misshapen.push(within(problem)),
            }
        }
        match gathered(&misshapen) {
            None => Ok(Self { is_atomic: atomic, operations }),
            Some(problem) => Err(problem),
        }
    }
}

/// The first problem, with the faults of all.
fn gathered(problems: &[Problem]) -> Option<Problem> {
    let faults = problems.iter().flat_map(Problem::faults).cloned().collect();
    Some(problems.first()?.clone().with_faults(faults))
}

impl<C: BatchOf + 'static> FromRequest for Operations<C> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let read = Self::read(read_json(&request, &mut payload, MOST_BYTES).await?)?;
            // The request itself has cost one.
            let more = u32::try_from(read.operations.len()).unwrap_or(u32::MAX).saturating_sub(1);
            charge(&request, C::Right::ROW.rate_class, more).await?;
            Ok(read)
        })
    }
}

#[cfg(test)]
mod tests;
