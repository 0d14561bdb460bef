//! Streams into a bucket of a service that others wrote, which verifies what is signed.

use std::process::{Child, Command, Stdio};

use elder_audit::deliver_streams;
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::streaming::{Receiver, happen, here, set_up};

/// A user with a key, and from then on nothing without a signature.
const SET_UP: &str = r#"
import boto3, json, sys, urllib.request
url = sys.argv[1]
def client(kind):
    return boto3.client(kind, endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
client("s3").create_bucket(Bucket="siem")
iam = client("iam")
iam.create_user(UserName="elder")
key = iam.create_access_key(UserName="elder")["AccessKey"]
allowed = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:ListBucket"], "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
iam.put_user_policy(UserName="elder", PolicyName="put", PolicyDocument=policy)
reset = urllib.request.Request(url + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}, method="POST")
urllib.request.urlopen(reset)
print(key["AccessKeyId"], key["SecretAccessKey"])
"#;

/// Every object, by name.
const READ: &str = r#"
import boto3, json, sys
url, key, secret = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)
found = {}
for object in s3.list_objects_v2(Bucket="siem").get("Contents", []):
    got = s3.get_object(Bucket="siem", Key=object["Key"])
    found[object["Key"]] = [got["Metadata"], got["Body"].read().decode()]
print(json.dumps(found))
"#;

/// A server of S3, of the test's own.
pub(crate) struct Moto {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "the test is told where its server is")]
fn python() -> String {
    std::env::var("ELDER_TEST_MOTO").expect("ELDER_TEST_MOTO is not set: run by `make test`")
}

/// A port that nobody has.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Moto {
    pub(crate) async fn start() -> Self {
        Self::at(free_port()).await
    }

    pub(crate) async fn at(port: u16) -> Self {
        let mut command = Command::new(python());
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..300 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    /// Runs a script of Python with its URL and these arguments; gives what it prints.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(python());
        let output = command.args(["-c", script, &self.url]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A bucket `siem`, and the key that alone may use it.
    fn guarded(&self) -> (String, String) {
        let key = self.run(SET_UP, &[]);
        let (id, secret) = key.trim().split_once(' ').unwrap();
        (id.to_owned(), secret.to_owned())
    }

    /// The objects, in the order of their names: each with its name, and the places of the events in it.
    fn objects(&self, (id, secret): &(String, String)) -> Vec<(String, Vec<u64>)> {
        let found: serde_json::Map<String, Value> =
            serde_json::from_str(&self.run(READ, &[id, secret])).unwrap();
        let mut objects: Vec<_> = found
            .into_iter()
            .map(|(name, object)| {
                let lines = object[1].as_str().unwrap().lines();
                let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
                (name, events.filter_map(|event| event["seq"].as_u64()).collect())
            })
            .collect();
        objects.sort();
        objects
    }
}

fn body(moto: &Moto, (id, secret): &(String, String)) -> Value {
    let target = json!({ "kind": "s3", "bucket": "siem", "region": "us-east-1", "endpoint": moto.url,
        "prefix": "elder", "access_key_id": id });
    json!({ "name": "Bucket", "target": target, "secret": secret })
}

#[tokio::test]
async fn a_bucket_gets_an_object_a_minute_and_a_batch_that_comes_again_takes_its_own_place() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let (admin, key) = (app.tenant_admin().await, moto.guarded());
    let path = set_up(&admin, body(&moto, &key)).await;
    let name =
        |from: u64| format!("elder/{}/{}/{from:020}.ndjson", app.acme.id, path.rsplit('/').next().unwrap());
    happen(&app, &admin, &["One"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    assert_eq!(moto.objects(&key), [(name(0), vec![0, 1])]);
    // More is gathered for a minute.
    happen(&app, &admin, &["Two"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 0);
    happen(&app, &admin, &["Three"]).await;
    app.clock.advance(chrono::Duration::seconds(60));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    assert_eq!(moto.objects(&key), [(name(0), vec![0, 1]), (name(2), vec![2, 3])]);
    // As if the node had died before it noted what has arrived.
    let back = "update audit_streams set cursor = 2, next_try_at = $1";
    app.superuser.execute(back, &[&app.seam.now()]).await.unwrap();
    happen(&app, &admin, &["Four"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    assert_eq!(moto.objects(&key), [(name(0), vec![0, 1]), (name(2), vec![2, 3, 4])]);
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["health"], &stream["cursor"], &stream["lag"]), (&json!("ok"), &json!(5), &json!(0)));
}

#[tokio::test]
async fn places_without_an_event_are_counted_on_the_way_to_a_bucket_too() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let (admin, key) = (app.tenant_admin().await, moto.guarded());
    let path = set_up(&admin, body(&moto, &key)).await;
    happen(&app, &admin, &["One", "Two"]).await;
    let gone = "set session_replication_role = replica;
        delete from audit_logs where changes #>> '{name,after}' = 'One'; set session_replication_role = origin";
    app.superuser.batch_execute(gone).await.unwrap();
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert_eq!(moto.objects(&key)[0].1, [0, 2]);
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["missing"], &stream["cursor"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn a_bucket_that_refuses_the_key_is_tried_again_until_the_key_is_right() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let (admin, key) = (app.tenant_admin().await, moto.guarded());
    let wrong = (key.0.clone(), "not-the-secret".to_owned());
    let path = set_up(&admin, body(&moto, &wrong)).await;
    happen(&app, &admin, &["One"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 1);
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["health"], &stream["cursor"]), (&json!("failing"), &json!(0)));
    assert!(stream["last_error"].as_str().unwrap().contains("403"), "{stream}");
    assert_eq!(moto.objects(&key), []);
    let test = admin.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(test["arrived"], false);
    admin.patch(&path, json!({ "secret": key.1 })).await.expect(200);
    let test = admin.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(test, json!({ "arrived": true, "error": null }));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    let objects = moto.objects(&key);
    assert_eq!(objects[0].1, [0, 1]);
    assert!(objects[1].0.ends_with("/test.ndjson") && objects.len() == 2, "{objects:?}");
}

#[tokio::test]
async fn t_34_a_bucket_is_at_no_private_place_and_its_parts_lead_nowhere_else() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let good = json!({ "kind": "s3", "bucket": "siem", "region": "eu-west-1", "access_key_id": "AKIA" });
    for (name, value) in [
        ("endpoint", "http://s3.example.com"),
        ("endpoint", "https://10.0.0.1"),
        ("endpoint", "https://169.254.169.254"),
        ("endpoint", "https://s3.example.com/?"),
        ("bucket", "a/../b"),
        ("region", "eu west"),
        ("prefix", "../x"),
        ("access_key_id", "a b"),
    ] {
        let mut target = good.clone();
        target[name] = json!(value);
        let body = json!({ "name": "Bad", "target": target, "secret": "secret" });
        admin.post("/api/v2/audit/streams", body).await.expect_problem(400, "validation_failed");
    }
    for secret in [None, Some(""), Some("a\r\nb")] {
        let body = json!({ "name": "Bad", "target": good, "secret": secret });
        admin.post("/api/v2/audit/streams", body).await.expect_problem(400, "validation_failed");
    }
    let body = json!({ "name": "Good", "target": good, "secret": "never-to-be-seen" });
    let made = admin.post("/api/v2/audit/streams", body).await.expect(201);
    assert_eq!(made["target"], good);
    assert!(!made.to_string().contains("never-to-be-seen"));
}

#[tokio::test]
async fn a_bucket_of_google_cloud_storage_gets_its_objects_by_an_hmac_key() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let (admin, key) = (app.tenant_admin().await, moto.guarded());
    let target = json!({ "kind": "gcs", "bucket": "siem", "endpoint": moto.url, "prefix": "elder",
        "access_key_id": key.0 });
    let path = set_up(&admin, json!({ "name": "Google", "target": target, "secret": key.1 })).await;
    happen(&app, &admin, &["One"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    let [(name, places)] = moto.objects(&key).try_into().unwrap();
    assert!(name.starts_with("elder/") && name.ends_with("/00000000000000000000.ndjson"), "{name}");
    assert_eq!(places, [0, 1]);
    assert_eq!(admin.get(&path).await.expect(200)["health"], "ok");
}

#[tokio::test]
async fn what_goes_to_google_cloud_storage_has_nothing_that_it_does_not_know_and_signs_nothing_that_it_changes()
 {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    for (kind, has_checksum) in [("gcs", false), ("s3", true)] {
        let mut target = json!({ "kind": kind, "bucket": "siem", "endpoint": receiver.wire.url(), "access_key_id": "GOOG1E" });
        if kind == "s3" {
            target["region"] = json!("eu-west-1");
        }
        let path = set_up(&admin, json!({ "name": kind, "target": target, "secret": "secret" })).await;
        assert_eq!(admin.post(&format!("{path}/test"), json!({})).await.expect(200)["arrived"], true);
        let [heard] = receiver.heard().try_into().unwrap();
        let signed = heard.header("authorization").unwrap();
        assert!(!signed.contains("accept-encoding") && signed.contains("x-amz-content-sha256"), "{signed}");
        assert_eq!(signed.contains("/auto/s3/aws4_request"), kind == "gcs", "{signed}");
        assert_eq!(heard.header("x-amz-checksum-sha256").is_some(), has_checksum);
    }
    let refused = json!({ "kind": "gcs", "bucket": "a/b", "access_key_id": "GOOG1E" });
    let body = json!({ "name": "Bad", "target": refused, "secret": "secret" });
    admin.post("/api/v2/audit/streams", body).await.expect_problem(400, "validation_failed");
}
