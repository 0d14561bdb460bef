//! Batches as they come in, right and wrong.

use serde_json::json;

use super::super::Made;
use super::*;
use crate::{TenantTx, event::Event, markers::RolesWrite};

/// A collection of which nothing is done here but reading.
struct Things;

#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Thing {
    #[garde(length(min = 1))]
    name: String,
}

impl BatchOf for Things {
    type Right = RolesWrite;
    type Kind = elder_kernel::Role;
    type New = Thing;
    type Patch = Thing;

    async fn create(&self, _: &TenantTx<RolesWrite>, _: Thing) -> Result<Made<elder_kernel::Role>, Problem> {
        Err(Problem::not_found())
    }

    async fn update(
        &self,
        _: &TenantTx<RolesWrite>,
        _: Id<elder_kernel::Role>,
        _: Thing,
    ) -> Result<Option<Event>, Problem> {
        Err(Problem::not_found())
    }

    async fn delete(
        &self,
        _: &TenantTx<RolesWrite>,
        _: Id<elder_kernel::Role>,
    ) -> Result<Option<Event>, Problem> {
        Err(Problem::not_found())
    }
}

fn read(operations: &serde_json::Value) -> Result<Vec<Result<Operation<Things>, Problem>>, Problem> {
    let body = json!({ "atomic": true, "operations": operations }).to_string();
    let envelope: Envelope = read_part(&RawValue::from_string(body).unwrap())?;
    Operations::read(envelope).map(|read| read.operations)
}

fn pointers(problem: &Problem) -> Vec<(&str, &str)> {
    problem.faults().iter().map(|fault| (fault.pointer.as_str(), fault.code.as_ref())).collect()
}

#[test]
fn each_kind_of_operation_is_read() {
    let id = "rol_01h455vb4pex5vsknk084sn02q";
    let operations = json!([
        { "op": "create", "data": { "name": "a" } },
        { "op": "update", "id": id, "data": { "name": "b" } },
        { "op": "delete", "id": id },
    ]);
    let read = read(&operations).ok().unwrap();
    assert!(matches!(&read[0], Ok(Operation::Create(new)) if new.name == "a"));
    assert!(matches!(&read[1], Ok(Operation::Update(which, ..)) if which.to_string() == id));
    assert!(matches!(&read[2], Ok(Operation::Delete(which, _)) if which.to_string() == id));
}

#[test]
fn every_fault_of_the_form_is_named_at_once() {
    let operations = json!([
        { "op": "create", "id": "x", "data": { "name": "a" } },
        { "op": "create", "data": { "name": "a" } },
        { "op": "update" },
        { "op": "delete", "id": "x", "data": {} },
        { "op": "upsert" },
        { "op": "delete", "id": "x", "why": 1 },
        7,
    ]);
    let problem = read(&operations).err().unwrap();
    let expected = [
        ("/operations/0/id", "unknown_field"),
        ("/operations/2/id", "required"),
        ("/operations/2/data", "required"),
        ("/operations/3/data", "unknown_field"),
        ("/operations/4/op", "invalid_type"),
        ("/operations/5/why", "unknown_field"),
        ("/operations/6", "invalid_type"),
    ];
    assert_eq!(pointers(&problem), expected);
}

#[test]
fn what_an_operation_carries_spoils_no_other() {
    let operations = json!([
        { "op": "create", "data": { "name": "" } },
        { "op": "create", "data": { "name": "a", "more": 1 } },
        { "op": "delete", "id": "usr_01h455vb4pex5vsknk084sn02q" },
        { "op": "create", "data": { "name": "a" } },
    ]);
    let read = read(&operations).ok().unwrap();
    let faults: Vec<_> = read.iter().map(|operation| operation.as_ref().err().map(pointers)).collect();
    let expected = [
        Some(vec![("/operations/0/data/name", "invalid_value")]),
        Some(vec![("/operations/1/data/more", "unknown_field")]),
        Some(vec![("/operations/2/id", "invalid_id")]),
        None,
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_batch_has_one_to_a_thousand_operations() {
    let create = json!({ "op": "create", "data": { "name": "a" } });
    let many = |count| serde_json::Value::Array(vec![create.clone(); count]);
    assert_eq!(read(&many(1)).ok().unwrap().len(), 1);
    assert_eq!(read(&many(1_000)).ok().unwrap().len(), 1_000);
    for count in [0, 1_001] {
        assert_eq!(read(&many(count)).err().unwrap().code(), ErrorCode::ValidationFailed, "{count}");
    }
}

#[test]
fn a_field_that_comes_twice_is_refused_as_in_a_single_call() {
    let body = r#"{"atomic":true,"operations":[{"op":"create","data":{"name":"a","name":"b"}}]}"#;
    let envelope: Envelope = read_part(&RawValue::from_string(body.to_owned()).unwrap()).unwrap();
    let read = Operations::<Things>::read(envelope).ok().unwrap();
    assert_eq!(read.operations[0].as_ref().err().unwrap().code(), ErrorCode::ValidationFailed);
}
