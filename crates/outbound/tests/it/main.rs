//! Letters to a mail server of other make, over every kind of line.

#![cfg(test)]

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use chrono::DateTime;
use elder_kernel::Secret;
use elder_outbound::mail::{Encryption, Letter, Mailer, SendError, SmtpServer};
use elder_testkit::MailServer;

const LETTER: Letter<'static> = Letter {
    id: "mal_1",
    sender: "Müller & Söhne",
    to: "ada@example.com",
    subject: "Einladung für Jürgen 🎉",
    text: "Grüße,\n.\nein Punkt allein beendet nichts.",
    html: "<p>Grüße</p>",
    written_at: DateTime::UNIX_EPOCH,
};

fn mailer(server: &SmtpServer) -> Mailer {
    Mailer::smtp("elder@id.example.com", server).unwrap()
}

#[tokio::test]
async fn a_letter_arrives_over_every_kind_of_line() {
    for (encryption, encrypted) in
        [(Encryption::None, false), (Encryption::StartTls, true), (Encryption::Implicit, true)]
    {
        let server = MailServer::start_with(encryption);
        let mailer = server.mailer();
        mailer.look().await.unwrap();
        assert_eq!(mailer.send(&LETTER).await.unwrap(), "<mal_1@id.example.com>");
        let [letter] = &server.letters()[..] else { panic!("{encryption:?}: one letter") };
        assert_eq!(letter["encrypted"], encrypted, "{encryption:?}");
        assert_eq!(letter["account"].as_str(), encrypted.then_some("elder"), "{encryption:?}");
        assert_eq!(
            (&letter["from"], &letter["to"][0]),
            (&"elder@id.example.com".into(), &"ada@example.com".into())
        );
        let headers = &letter["headers"];
        assert_eq!(headers["Subject"], LETTER.subject);
        assert_eq!(headers["From"], "Müller & Söhne <elder@id.example.com>");
        assert_eq!(headers["Auto-Submitted"], "auto-generated");
        assert_eq!(
            letter["bodies"]["text/plain"].as_str().unwrap().trim_end().replace("\r\n", "\n"),
            LETTER.text
        );
        assert_eq!(letter["bodies"]["text/html"].as_str().unwrap().trim_end(), LETTER.html);
    }
}

#[tokio::test]
async fn a_letter_of_a_hundred_thousand_characters_arrives_whole() {
    let server = MailServer::start();
    let long = "Größe und Grüße, ".repeat(6_000);
    server.mailer().send(&Letter { text: &long, ..LETTER }).await.unwrap();
    assert_eq!(server.letters()[0]["bodies"]["text/plain"].as_str().unwrap().trim_end(), long.trim_end());
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_gets_no_letter() {
    let (server, stranger) =
        (MailServer::start_with(Encryption::StartTls), MailServer::start_with(Encryption::StartTls));
    let plain = MailServer::start();
    let of_stranger = SmtpServer { certificates: Some(stranger.authority()), ..server.address() };
    let by_the_system = SmtpServer { certificates: None, ..server.address() };
    let other_name = SmtpServer { host: "127.0.0.1".to_owned(), ..server.address() };
    let no_tls =
        SmtpServer { host: "localhost".to_owned(), encryption: Encryption::StartTls, ..plain.address() };
    for address in [of_stranger, by_the_system, other_name, no_tls] {
        let refused = mailer(&address).send(&LETTER).await.expect_err("not to be trusted");
        assert!(!refused.is_final(), "an operator can mend it: {refused}");
    }
    assert!(server.letters().is_empty() && plain.letters().is_empty());
}

#[tokio::test]
async fn a_letter_is_lost_neither_by_a_wrong_password_nor_by_a_server_that_is_gone() {
    let server = MailServer::start_with(Encryption::StartTls);
    let wrong = Some(("elder".to_owned(), Secret::new("wrong".to_owned())));
    for account in [wrong, None] {
        let refused = mailer(&SmtpServer { account, ..server.address() }).send(&LETTER).await.unwrap_err();
        assert!(!refused.is_final() && !refused.to_string().contains("wrong"), "{refused}");
    }
    let mut plain = MailServer::start();
    let mailer = plain.mailer();
    mailer.send(&LETTER).await.unwrap();
    plain.kill();
    assert!(!mailer.send(&LETTER).await.unwrap_err().is_final());
    plain.restart();
    mailer.send(&LETTER).await.unwrap();
    assert_eq!(plain.letters().len(), 2);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_waited_for_no_longer_than_allowed() {
    let mut server = MailServer::start();
    let impatient = mailer(&SmtpServer { timeout: Duration::from_secs(1), ..server.address() });
    server.hold();
    let started = Instant::now();
    let refused = impatient.send(&LETTER).await.unwrap_err();
    assert!(matches!(refused, SendError::Silent(_)) && !refused.is_final(), "{refused}");
    assert!(started.elapsed() < Duration::from_secs(4));
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = deaf.local_addr().unwrap().port();
    let refused =
        mailer(&SmtpServer { port, timeout: Duration::from_secs(1), ..server.address() }).look().await;
    assert!(matches!(refused, Err(SendError::Silent(_))), "{refused:?}");
}

#[tokio::test]
async fn what_a_server_says_for_now_is_tried_again_and_what_it_says_for_good_is_not() {
    let mut server = MailServer::start();
    let mailer = server.mailer();
    for (code, is_final) in [(451, false), (421, false), (550, true), (554, true)] {
        server.answer(code, 1);
        let refused = mailer.send(&LETTER).await.unwrap_err();
        assert_eq!(refused.is_final(), is_final, "{code}: {refused}");
        assert!(
            matches!(refused, SendError::Server(_)) && refused.to_string().contains(&code.to_string()),
            "{refused}"
        );
    }
    mailer.send(&LETTER).await.unwrap();
}

mod calls {
    //! Certificates of servers that URLs of tenants lead to.

    use elder_kernel::Clock;
    use elder_outbound::{
        http::{AllowedHost, CallError, Outbound},
        mail::Encryption,
    };
    use elder_testkit::MailServer;

    async fn call(server: &MailServer, trusted: Option<&MailServer>) -> CallError {
        let port = server.address().port;
        let hosts = vec![AllowedHost { host: "localhost".to_owned(), port: Some(port) }];
        let authority = trusted.map(MailServer::authority);
        let outbound = Outbound::new(hosts, authority.as_deref(), &Clock::system()).unwrap();
        let request = http::Request::get(format!("https://localhost:{port}/")).body(Vec::new()).unwrap();
        outbound.call(request).await.expect_err("a mail server does not speak HTTP")
    }

    #[tokio::test]
    async fn a_certificate_is_trusted_that_the_operators_authority_has_signed_and_no_other() {
        let server = MailServer::start_with(Encryption::Implicit);
        let stranger = MailServer::start_with(Encryption::Implicit);
        for trusted in [None, Some(&stranger)] {
            let refused = call(&server, trusted).await;
            assert_eq!(refused.code(), "certificate_invalid", "{refused:?}");
        }
        let heard = call(&server, Some(&server)).await;
        assert_eq!(
            heard.code(),
            "answer_broken",
            "the line is there, and something else is spoken: {heard:?}"
        );
    }
}
