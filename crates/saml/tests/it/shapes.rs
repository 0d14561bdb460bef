//! S-02 to S-06 and S-11 to S-13 once more, with answers that another's provider has signed: each shape that
//! `infrastructure/dev/saml-shapes.py` makes of a good answer is refused.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_saml::{Answer, Fault};
use elder_testkit::PySaml2;

use crate::peers::{Peer, answer_to, field, service_provider, signed};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infrastructure/dev/saml-shapes.py");

/// What the script makes of every answer, and by which fault each is refused.
const OF_ANY: [(&str, &[&str]); 14] = [
    ("signature-excluded", &["signature_missing"]),
    ("signature-emptied", &["signature_malformed"]),
    ("value-emptied", &["signature_malformed"]),
    ("cve-2017-11427", &["xml_declaration_refused"]),
    ("cve-2017-11427-cdata", &["xml_declaration_refused"]),
    ("cve-2022-41912", &["assertion_count"]),
    ("cve-2022-41912-reversed", &["assertion_count"]),
    ("cve-2024-45409", &["signature_misplaced", "signature_invalid"]),
    ("cve-2025-25291", &["xml_declaration_refused"]),
    ("cve-2025-25292", &["signature_missing", "signature_invalid"]),
    ("cve-2025-66568", &["signature_invalid"]),
    ("xxe", &["xml_declaration_refused"]),
    ("duplicate-id", &["assertion_count", "xml_id_duplicate"]),
    ("tampered", &["signature_invalid"]),
];
/// What it makes where the answer is signed, and where the assertion is.
const WRAPPED: &[&str] = &["assertion_count", "xml_id_duplicate", "signature_misplaced"];
const OF_RESPONSE: [&str; 2] = ["xsw1", "xsw2"];
const OF_ASSERTION: [&str; 6] = ["xsw3", "xsw4", "xsw5", "xsw6", "xsw7", "xsw8"];

/// The shapes of an answer, by name.
fn shapes(answer: &[u8]) -> BTreeMap<String, Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
    let python = std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON names a Python");
    let folder = tempfile::tempdir().unwrap();
    let mut script =
        Command::new(python).arg(SCRIPT).arg(folder.path()).stdin(Stdio::piped()).spawn().unwrap();
    script.stdin.take().unwrap().write_all(answer).unwrap();
    assert!(script.wait().unwrap().success());
    let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[tokio::test]
async fn s_03_no_shape_that_is_made_of_an_answer_of_pysaml2_is_believed() {
    for sign in [&["assertion"][..], &["response"], &["response", "assertion"]] {
        let sp = service_provider();
        let python = PySaml2::start(&sp.metadata().unwrap(), sign, None);
        let peer = Peer::new(sp, &python.url("metadata")).await;
        let (request, _, _, page) = peer.ask(&signed()).await;
        let (form, expected) = (field(&page, "SAMLResponse"), answer_to(request));
        assert_eq!(peer.read(&page, &expected).unwrap().name_id.value, "ada", "{sign:?}");

        let wrapped_response = OF_RESPONSE.iter().filter(|_| sign.contains(&"response"));
        let wrapped_assertion = OF_ASSERTION.iter().filter(|_| sign.contains(&"assertion"));
        let wrapped = wrapped_response.chain(wrapped_assertion).map(|name| (*name, WRAPPED));
        let faults: BTreeMap<_, _> = OF_ANY.into_iter().chain(wrapped).collect();
        let made = shapes(&BASE64_STANDARD.decode(form).unwrap());
        assert!(made.keys().eq(faults.keys()), "{sign:?}: {:?}", made.keys());
        for (name, document) in &made {
            let read = Answer::read(&BASE64_STANDARD.encode(document), &peer.sp, &peer.idp, &expected);
            let fault = read.map_or_else(Fault::code, |_| "nothing");
            assert!(faults[name.as_str()].contains(&fault), "{name} {sign:?}: {fault}");
        }
    }
}
