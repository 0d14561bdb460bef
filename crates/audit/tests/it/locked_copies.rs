//! Checkpoints in a bucket that lets nothing go, and at a receiver of syslog, which others wrote.

use elder_access::work::Shell;
use elder_audit::{Bucket, Copies, CopyError, Place, Syslog, archive::S3, verify};
use elder_kernel::Secret;
use elder_outbound::http::{AllowedHost, Outbound};
use elder_testkit::TestApp;
use serde_json::Value;

use crate::{
    bucket::{Moto, free_port},
    copies::happen,
    syslog::{Certificate, Rsyslog},
};

/// One bucket with object lock and one without, and a user who may do everything in them; from then on nothing goes without a
/// signature.
const SET_UP: &str = r#"
import boto3, json, sys, urllib.request
url = sys.argv[1]
def client(kind):
    return boto3.client(kind, endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
client("s3").create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
client("s3").create_bucket(Bucket="open")
iam = client("iam")
iam.create_user(UserName="elder")
key = iam.create_access_key(UserName="elder")["AccessKey"]
policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
iam.put_user_policy(UserName="elder", PolicyName="all", PolicyDocument=policy)
reset = urllib.request.Request(url + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}, method="POST")
urllib.request.urlopen(reset)
print(key["AccessKeyId"], key["SecretAccessKey"])
"#;

/// Tries to overwrite and to delete every version of every object, and then tells of each that is left: its name, how it is
/// locked and until when, what its deletion was answered, and its text.
const ATTACK: &str = r#"
import boto3, json, sys
url, key, secret, bucket = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)
before = s3.list_object_versions(Bucket=bucket).get("Versions", [])
answers = {}
for version in before:
    name = {"Bucket": bucket, "Key": version["Key"]}
    s3.put_object(**name, Body=b"forged")
    try:
        s3.delete_object(**name, VersionId=version["VersionId"])
        answers[version["VersionId"]] = "deleted"
    except s3.exceptions.ClientError as error:
        answers[version["VersionId"]] = error.response["Error"]["Code"]
left = []
for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
    if version["VersionId"] in answers:
        got = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        until = got["ObjectLockRetainUntilDate"].isoformat()
        left.append([version["Key"], got["ObjectLockMode"], until, answers[version["VersionId"]], got["Body"].read().decode()])
print(json.dumps(sorted(left)))
"#;

fn outbound(app: &TestApp) -> Outbound {
    let here = AllowedHost { host: "127.0.0.1".to_owned(), port: None };
    Outbound::new(vec![here], None, &app.seam.clock).unwrap()
}

fn bucket(app: &TestApp, url: &str, name: &str, key: (&str, &str)) -> Copies {
    let s3 = S3 {
        bucket: name.to_owned(),
        prefix: "elder/log".to_owned(),
        endpoint: Some(url.to_owned()),
        region: "us-east-1".to_owned(),
        access_key: key.0.to_owned(),
        secret_key: Secret::new(key.1.to_owned()),
    };
    Copies::new([Place::Bucket(Box::new(Bucket { s3, days: 30, outbound: outbound(app) }))])
}

fn syslog(port: u16, tls: bool, outbound: Outbound) -> Copies {
    Copies::new([Place::Syslog(Syslog { host: "127.0.0.1".to_owned(), port, tls, outbound })])
}

/// Whether this text holds the log of acme to so many events.
async fn holds(app: &TestApp, text: &str, sizes: &[u64]) {
    let job = app.worker.job::<Shell>();
    let keys = verify::keys(&job, app.acme.id).await.unwrap();
    let kept = verify::kept(text, &keys).unwrap();
    assert_eq!(kept.iter().map(|checkpoint| checkpoint.size).collect::<Vec<_>>(), sizes);
    assert!(verify::verify(&job, app.acme.id, &keys, &kept).await.unwrap().is_good);
}

#[tokio::test]
async fn a_04_what_a_bucket_with_object_lock_has_taken_is_neither_overwritten_nor_deleted() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let key = moto.run(SET_UP, &[]);
    let (id, secret) = key.trim().split_once(' ').unwrap();
    let mut copies = bucket(&app, &moto.url, "kept", (id, secret));
    copies.look().await.unwrap();
    happen(&app, "One").await;
    copies.send(&app.worker).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(15));
    happen(&app, "Two").await;
    copies.send(&app.worker).await.unwrap();
    copies.send(&app.worker).await.unwrap();
    let left: Vec<[String; 5]> = serde_json::from_str(&moto.run(ATTACK, &[id, secret, "kept"])).unwrap();
    // One of System, two of acme: their names have the order of the log.
    assert_eq!(left.len(), 3, "{left:?}");
    for (object, size) in
        left.iter().filter(|object| object[4].contains(&format!("/{}\\n", app.acme.id))).zip(1..)
    {
        let begin = format!("elder/log/{}/{size:020}-", app.acme.id);
        assert!(object[0].starts_with(&begin) && object[0].ends_with(".ndjson"), "{object:?}");
    }
    let until = (app.seam.now() + chrono::Duration::days(30)).format("%Y-%m-%d").to_string();
    for object in &left {
        assert_eq!((object[1].as_str(), object[3].as_str()), ("COMPLIANCE", "AccessDenied"));
        assert!(object[2].starts_with(&until), "{object:?}");
    }
    let text: String = left.iter().map(|object| object[4].as_str()).collect();
    holds(&app, &text, &[1, 2]).await;
}

#[tokio::test]
async fn a_bucket_without_object_lock_is_refused_and_takes_nothing() {
    let (app, moto) = (TestApp::start().await, Moto::start().await);
    let key = moto.run(SET_UP, &[]);
    let (id, secret) = key.trim().split_once(' ').unwrap();
    let mut copies = bucket(&app, &moto.url, "open", (id, secret));
    happen(&app, "One").await;
    let faults = copies.send(&app.worker).await.unwrap_err();
    assert!(matches!(&faults[..], [CopyError::NoLock(name)] if name == "open"), "{faults:?}");
    let seen = copies.look().await.unwrap_err();
    assert!(seen[0].to_string().contains("has no object lock"), "{seen:?}");
    assert_eq!(copies.missed().collect::<Vec<_>>(), [("bucket", 1)]);
    assert_eq!(moto.run(ATTACK, &[id, secret, "open"]).trim(), "[]");
    // Nor is a key that is wrong taken for a bucket that is.
    let wrong = bucket(&app, &moto.url, "kept", (id, "wrong")).look().await.unwrap_err();
    assert!(matches!(&wrong[..], [CopyError::Bucket(..)]), "{wrong:?}");
}

#[tokio::test]
async fn a_04_a_bucket_that_was_away_gets_every_round_that_it_has_missed() {
    let (app, port) = (TestApp::start().await, free_port());
    let url = format!("http://127.0.0.1:{port}");
    let mut copies = bucket(&app, &url, "kept", ("a", "b"));
    // It knew the first.
    let before = Moto::at(port).await;
    before.run(SET_UP.split("iam = ").next().unwrap(), &[]);
    happen(&app, "One").await;
    copies.send(&app.worker).await.unwrap();
    drop(before);
    for name in ["Two", "Three"] {
        app.clock.advance(chrono::Duration::minutes(1));
        happen(&app, name).await;
        assert!(matches!(copies.send(&app.worker).await.unwrap_err()[..], [CopyError::Bucket(..)]));
    }
    assert_eq!(copies.missed().collect::<Vec<_>>(), [("bucket", 2)]);
    let again = Moto::at(port).await;
    again.run(SET_UP.split("iam = ").next().unwrap(), &[]);
    app.clock.advance(chrono::Duration::minutes(5));
    copies.send(&app.worker).await.unwrap();
    assert_eq!(copies.missed().collect::<Vec<_>>(), [("bucket", 0)]);
    let left: Vec<[String; 5]> = serde_json::from_str(&again.run(ATTACK, &["a", "b", "kept"])).unwrap();
    let text: String = left.iter().map(|object| object[4].as_str()).collect();
    holds(&app, &text, &[2, 3]).await;
}

/// The texts of messages, and whether each has the fields of a checkpoint.
fn told(lines: &[String], app: &TestApp) -> String {
    let mut text = String::new();
    for line in lines {
        let (head, message) = line.split_once('|').unwrap();
        assert!(head.starts_with("110 elder ") && head.contains(" audit_log.checkpoint 20"), "{head}");
        let message = message.trim_start_matches([' ', '\u{feff}']);
        let said: Value = serde_json::from_str(message).unwrap();
        assert_eq!(said.as_object().unwrap().len(), 1, "{said}");
        text.push_str(message);
        text.push('\n');
    }
    assert!(text.contains(&format!("/audit/{}\\n", app.acme.id)), "{text}");
    text
}

#[tokio::test]
async fn a_04_a_receiver_of_syslog_gets_checkpoints_that_verify_the_log_and_what_it_missed_in_order() {
    let (app, port) = (TestApp::start().await, free_port());
    let mut copies = syslog(port, false, outbound(&app));
    let daemon = Rsyslog::at(port);
    happen(&app, "One").await;
    copies.look().await.unwrap();
    copies.send(&app.worker).await.unwrap();
    holds(&app, &told(&daemon.received(2).await, &app), &[1]).await;
    drop(daemon);
    for name in ["Two", "Three"] {
        app.clock.advance(chrono::Duration::minutes(1));
        happen(&app, name).await;
        assert!(matches!(copies.send(&app.worker).await.unwrap_err()[..], [CopyError::Syslog(..)]));
    }
    assert_eq!(copies.missed().collect::<Vec<_>>(), [("syslog", 2)]);
    let daemon = Rsyslog::at(port);
    copies.send(&app.worker).await.unwrap();
    holds(&app, &told(&daemon.received(2).await, &app), &[2, 3]).await;
    assert_eq!(copies.missed().collect::<Vec<_>>(), [("syslog", 0)]);
}

#[tokio::test]
async fn a_receiver_of_syslog_gets_checkpoints_by_tls_and_one_that_nobody_vouches_for_gets_none() {
    let app = TestApp::start().await;
    let certificate = Certificate::of("IP:127.0.0.1");
    let daemon = Rsyslog::with_tls(&certificate);
    happen(&app, "One").await;
    let mut stranger = syslog(daemon.port, true, outbound(&app));
    assert!(matches!(stranger.send(&app.worker).await.unwrap_err()[..], [CopyError::Syslog(..)]));
    let mut trusted = syslog(daemon.port, true, certificate.outbound(&app));
    trusted.send(&app.worker).await.unwrap();
    let lines = daemon.received(2).await;
    assert_eq!(lines.len(), 2);
    holds(&app, &told(&lines, &app), &[1]).await;
}
