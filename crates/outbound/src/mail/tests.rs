//! What a letter looks like as a mail, and what is refused.

use std::os::unix::fs::PermissionsExt as _;

use chrono::DateTime;

use super::*;

fn letter<'a>() -> Letter<'a> {
    Letter {
        id: "mal_1",
        sender: "Acme",
        to: "ada@example.com",
        subject: "Hello",
        text: "Good day.",
        html: "<p>Good day.</p>",
        written_at: DateTime::UNIX_EPOCH,
    }
}

fn written(letter: &Letter<'_>) -> String {
    let from = "Elder <elder@id.example.com>".parse().unwrap();
    let message = letter.message(&from, &letter.message_id(&from)).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

#[test]
fn a_letter_says_who_it_is_from_and_that_no_person_wrote_it() {
    let mail = written(&letter());
    for line in [
        "Message-ID: <mal_1@id.example.com>",
        "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        "From: Acme <elder@id.example.com>",
        "To: ada@example.com",
        "Subject: Hello",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mail.lines().any(|written| written == line), "{line} is not in\n{mail}");
    }
    let (plain, html) = (mail.find("text/plain").unwrap(), mail.find("text/html").unwrap());
    assert!(plain < html, "the last of the alternatives is the best one (RFC 2046 §5.1.4)");
}

#[test]
fn what_is_not_ascii_is_encoded_and_long_texts_are_folded() {
    let long = "Größe ".repeat(500);
    let mail = written(&Letter {
        subject: "Einladung für Jürgen 🎉",
        sender: "Müller & Söhne",
        text: &long,
        ..letter()
    });
    assert!(mail.is_ascii());
    assert!(mail.lines().all(|line| line.len() <= 998), "RFC 5322 §2.1.1");
    for line in ["From: =?utf-8?b?", "Subject: Einladung =?utf-8?b?"] {
        assert!(mail.contains(line), "{mail}");
    }
}

#[test]
fn nothing_that_is_given_can_begin_another_header() {
    let from = "elder@id.example.com".parse().unwrap();
    let evil = "x\r\nBcc: victim@example.com";
    for letter in [
        Letter { subject: evil, ..letter() },
        Letter { subject: "x\nBcc: victim@example.com", ..letter() },
        Letter { sender: evil, ..letter() },
        Letter { to: "ada@example.com\r\nBcc: victim@example.com", ..letter() },
        Letter { to: "\"ada\r\nBcc: x\"@example.com", ..letter() },
        Letter { to: "Ada <ada@example.com>", ..letter() },
        Letter { to: "ada@example.com, victim@example.com", ..letter() },
        Letter { to: "", ..letter() },
    ] {
        let refused = letter.message(&from, "<1@x>").expect_err("refused");
        assert!(refused.is_final(), "{letter:?}: {refused}");
    }
    let mail = written(&Letter { sender: "Evil\", victim <victim@example.com", ..letter() });
    let from = mail.lines().find(|line| line.starts_with("From:")).unwrap();
    assert!(from.ends_with("?= <elder@id.example.com>") && !from.contains("victim"), "{from}");
}

#[test]
fn a_body_cannot_become_a_header_or_a_boundary() {
    let mail = written(&Letter { text: "\r\n.\r\nBcc: victim@example.com", ..letter() });
    let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
    assert!(!headers.contains("Bcc"), "{headers}");
}

#[tokio::test]
async fn without_a_server_letters_are_files_that_their_owner_alone_can_read() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("mails");
    let mailer = Mailer::folder("Elder <elder@localhost>", &folder).unwrap();
    assert_eq!(mailer.send(&letter()).await.unwrap(), "<mal_1@localhost>");
    mailer.send(&letter()).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 1, "the second try replaces the first");
    assert_eq!(files[0].file_name(), "mal_1.eml");
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(std::fs::read_to_string(files[0].path()).unwrap().contains("Good day."));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_worth_another_try() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mailer = Mailer::folder("elder@localhost", file.join("mails")).unwrap();
    let refused = mailer.send(&letter()).await.expect_err("a file is no folder");
    assert!(matches!(refused, SendError::Folder { .. }) && !refused.is_final(), "{refused}");
    assert!(mailer.look().await.is_err());
}

#[test]
fn a_sender_that_is_none_is_refused_by_name() {
    let refused = Mailer::folder("nobody", "/tmp").expect_err("no address");
    assert!(refused.to_string().contains("nobody"), "{refused}");
}
