//! Hashes made by Django 5.2.19, Werkzeug 3.1.9 and bcrypt 5.0.0 of `PyPI`, at the least cost that they take.

use super::*;

const PASSWORD: &str = "grüne Wiese 7";

const HASHES: [&str; 12] = [
    "pbkdf2_sha256$1000$seasalt12$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA=",
    "pbkdf2_sha1$1000$seasalt12$+IfXA7a4EYm8fZfloCs+dCxpugU=",
    "scrypt$1024$seasalt12$8$5$/OEGKLvtB/Z3ehDrWoSuj6DKud/05lkH8s9CVRY42ieqkx+fCwllTyMZyDblmcuNFImmNnmPxWVriDSNTHKCnw==",
    "bcrypt$$2b$04$Bz574Zheh3xdNVWJvLoHL.KsGxgZifEvlCqdfL/WRCEcVPE55edNy",
    "bcrypt_sha256$$2b$04$kDs8qwv0NMeaKh2RYv.xw.2OZj8j9LeO3UO6ovW/VwdbAZqNDlBSW",
    "scrypt:1024:8:1$pXcx1q1LIYpPmeGO$23fc85966f09e0469793b0569533c3e4b937ebd587a338171f09d547448ea7ea59cfa9fdff420a1a6338f9097d6fcb86399dc4ce32467a9ab481126a316ec2d3",
    "pbkdf2:sha256:1000$C8xv6RCQlCj3Bh81$491e06e222883e291bf44eb3c8ac7d8a995cd085616847945195de3eea0caa46",
    "pbkdf2:sha512:1000$pkwxZeRezSYcierd$2e2544f759547362a3e400ea18b7e45382c0f6233783b1c9960e77309077db3cc3c03d79e0d88ce72a97b69c67c75ffbcfc94936d7744d17a4285d7c062af911",
    "pbkdf2:sha1:1000$Oyknw49oIByhA8g5$643ac2c8ef29acc08c2c3667d8059ae3dd904040",
    "$2b$04$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga56",
    "$2a$04$sQ/ywn4ebV9FYTnfi3HPO.aAgHoUsQWQ.tITC7KareCocPpunequa",
    // The same tag as the first one, in the other spelling.
    "$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdDEy$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
];

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[test]
fn hashes_of_other_systems_match_their_password_and_no_other() {
    for hash in HASHES {
        let read = Foreign::read(hash).unwrap_or_else(|| panic!("{hash} is known"));
        assert!(read.matches(&secret(PASSWORD)), "{hash}");
        for other in ["", "grüne Wiese 8", "grüne Wiese 7 ", "Grüne Wiese 7"] {
            assert!(!read.matches(&secret(other)), "{hash} {other:?}");
        }
        assert!(ImportedHash::read(secret(hash)).is_ok(), "{hash}");
    }
}

#[test]
fn a_hash_is_no_longer_than_hashes_are() {
    let long = format!(
        "pbkdf2:sha256:1000${}$491e06e222883e291bf44eb3c8ac7d8a995cd085616847945195de3eea0caa46",
        "x".repeat(500)
    );
    assert!(Foreign::read(&long).is_some());
    assert_eq!(ImportedHash::read(secret(&long)).err(), Some(UnknownHash));
}

#[test]
fn p_05_bcrypt_tells_passwords_apart_that_begin_alike() {
    let of_72_bytes = "$2b$04$h0RU2V8GAu39oAX8V5uymuz9P2zISqZBV/jSmBgKo2Mxjw2SCIGay";
    let read = Foreign::read(of_72_bytes).unwrap();
    let long = "x".repeat(72);
    assert!(read.matches(&secret(&long)));
    assert!(!read.matches(&secret(&(long.clone() + "y"))));
    assert!(!read.matches(&secret(&long[..71])));
}

#[test]
fn what_costs_too_much_or_proves_too_little_is_no_hash() {
    for text in [
        "$2b$15$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga56",
        "$2b$03$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga56",
        "$2b$04$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga5",
        "pbkdf2_sha256$2000001$seasalt12$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA=",
        "pbkdf2_sha256$0$seasalt12$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA=",
        "pbkdf2_md5$1000$seasalt12$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA=",
        "pbkdf2_sha256$1000$seasalt12$8t6txg2M",
        "pbkdf2:sha256:1000$salt$",
        "scrypt:1048576:8:1$pXcx1q1LIYpPmeGO$23fc85966f09e0469793b0569533c3e4b937ebd587a338171f09d547448ea7ea",
        "scrypt:1000:8:1$pXcx1q1LIYpPmeGO$23fc85966f09e0469793b0569533c3e4b937ebd587a338171f09d547448ea7ea",
        "$scrypt$ln=99,r=8,p=1$c2Vhc2FsdDEy$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
        // Sixteen times 128 MiB.
        "scrypt:131072:8:16$pXcx1q1LIYpPmeGO$23fc85966f09e0469793b0569533c3e4b937ebd587a338171f09d547448ea7ea",
        // Each block of a tag costs all rounds again.
        "pbkdf2:sha1:600000$Oyknw49oIByhA8g5$491e06e222883e291bf44eb3c8ac7d8a995cd085616847945195de3eea0caa46491e06e222883e291bf44eb3c8ac7d8a995cd085616847945195de3eea0caa46",
        "$argon2id$v=19$m=1048576,t=2,p=1$c2Vhc2FsdDEyc2Vhc2FsdA$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
        "$argon2id$v=19$m=131072,t=9,p=1$c2Vhc2FsdDEyc2Vhc2FsdA$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
        "argon2$argon2id$v=19$m=1048576,t=2,p=1$c2Vhc2FsdDEyc2Vhc2FsdA$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
        "$argon2i$v=19$m=19456,t=2,p=1$c2Vhc2FsdDEyc2Vhc2FsdA$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "plain text",
        "$",
        "",
    ] {
        assert_eq!(ImportedHash::read(secret(text)).err(), Some(UnknownHash), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_fail_badly(text in ".{0,120}", known in 0..HASHES.len(), cut in 0usize..200) {
        let _ = Foreign::read(&text);
        let cut: String = HASHES[known].chars().take(cut).chain(text.chars()).collect();
        let _ = Foreign::read(&cut);
    }
}
