//! S-05, S-08 and S-09: encrypted assertions, and what may not be learned from them.

use elder_saml::{Expected, Fault, SpKey};
use openssl::{
    md::{Md, MdRef},
    pkey_ctx::PkeyCtx,
    rsa::Padding,
    symm::{Cipher, encrypt, encrypt_aead},
    x509::X509,
};

use crate::{
    World, cost, expected,
    forge::{SUFFICIENT, Signed, Signer, assertion, cut, evil, response, swap},
    own_key,
};

const GCM128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
const GCM256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC128: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const CBC256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const OAEP11: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const RSA15: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";

/// How a provider encrypts.
#[derive(Clone)]
struct Encryption {
    content: &'static str,
    cipher: fn() -> Cipher,
    transport: &'static str,
    /// What stands in the method of the key.
    hashes: &'static str,
    digest: fn() -> &'static MdRef,
    mask: fn() -> &'static MdRef,
    padding: Padding,
    beside: bool,
}

/// How most do.
const USUAL: Encryption = Encryption {
    content: GCM256,
    cipher: Cipher::aes_256_gcm,
    transport: OAEP,
    hashes: "",
    digest: Md::sha1,
    mask: Md::sha1,
    padding: Padding::PKCS1_OAEP,
    beside: false,
};

impl Encryption {
    fn key(&self, own: &SpKey, content_key: &[u8]) -> Vec<u8> {
        let certificate = X509::from_pem(own.certificate_pem().unwrap().as_bytes()).unwrap();
        let public = certificate.public_key().unwrap();
        let mut context = PkeyCtx::new(&public).unwrap();
        context.encrypt_init().unwrap();
        context.set_rsa_padding(self.padding).unwrap();
        if self.padding == Padding::PKCS1_OAEP {
            context.set_rsa_oaep_md((self.digest)()).unwrap();
            context.set_rsa_mgf1_md((self.mask)()).unwrap();
        }
        let mut sealed = Vec::new();
        context.encrypt_to_vec(content_key, &mut sealed).unwrap();
        sealed
    }

    fn content(&self, key: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut bytes = vec![7; (self.cipher)().iv_len().unwrap()];
        let nonce = bytes.clone();
        if self.content.ends_with("gcm") {
            let mut tag = [0; 16];
            bytes.extend(encrypt_aead((self.cipher)(), key, Some(&nonce), &[], plain, &mut tag).unwrap());
            bytes.extend(tag);
        } else {
            bytes.extend(encrypt((self.cipher)(), key, Some(&nonce), plain).unwrap());
        }
        bytes
    }

    /// An encrypted assertion for this key of ours.
    fn around(&self, own: &SpKey, plain: &str) -> String {
        let key = vec![9; (self.cipher)().key_len()];
        self.wrap(&self.key(own, &key), &self.content(&key, plain.as_bytes()))
    }

    fn wrap(&self, key: &[u8], content: &[u8]) -> String {
        let base64 = openssl::base64::encode_block;
        let (transport, hashes) = (self.transport, self.hashes);
        let key = format!(
            "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"><xenc:EncryptionMethod \
             Algorithm=\"{transport}\">{hashes}</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{}\
             </xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>",
            base64(key)
        );
        let info = |inner: &str| {
            format!("<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{inner}</ds:KeyInfo>")
        };
        let (inside, beside) = if self.beside { (String::new(), key) } else { (info(&key), String::new()) };
        format!(
            "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
             Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod Algorithm=\"{}\"/>{inside}\
             <xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{beside}\
             </saml:EncryptedAssertion>",
            self.content,
            base64(content)
        )
    }
}

/// An answer whose assertion is encrypted, signed inside, outside, or both.
fn sealed(world: &World, encryption: &Encryption, signed: Signed) -> String {
    let own = if signed == Signed::Response { assertion() } else { world.signer.signed(&assertion()) };
    let answer = response(&encryption.around(&world.sp.keys[0], &own));
    if signed == Signed::Assertion { answer } else { world.signer.signed(&answer) }
}

#[test]
fn an_assertion_in_aes_gcm_is_read_in_each_way_to_wrap_its_key() {
    let world = World::new();
    let sha256 = "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
                  Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>";
    let mgf256 = "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
                  Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><e:MGF xmlns:e=\"http://www.w3.org/2009/xmlenc11#\" \
                  Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>";
    let sha1 = "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
                Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/>";
    for encryption in [
        USUAL,
        Encryption { content: GCM128, cipher: Cipher::aes_128_gcm, ..USUAL },
        Encryption { hashes: sha1, beside: true, ..USUAL },
        Encryption { hashes: sha256, digest: Md::sha256, ..USUAL },
        Encryption { transport: OAEP11, hashes: mgf256, digest: Md::sha256, mask: Md::sha256, ..USUAL },
        Encryption { transport: OAEP11, ..USUAL },
    ] {
        for signed in SUFFICIENT {
            let who = world.read(&sealed(&world, &encryption, signed)).unwrap();
            assert_eq!(
                who.name_id.value, "ada@corp.example",
                "{} {} {signed:?}",
                encryption.content, encryption.hashes
            );
        }
    }
}

#[test]
fn each_of_our_keys_decrypts_and_others_do_not() {
    let mut world = World::new();
    let answer = sealed(&world, &USUAL, Signed::Both);
    world.sp.keys.insert(0, own_key());
    assert_eq!(world.fault(&answer), "nothing", "the old key behind the new one");
    world.sp.keys.truncate(1);
    assert_eq!(world.fault(&answer), "decryption_failed");
    world.sp.keys.clear();
    assert_eq!(world.fault(&answer), "decryption_failed");
}

#[test]
fn s_05_an_encrypted_assertion_counts_if_it_or_its_answer_is_signed() {
    let world = World::new();
    let forged = |plain: &str| USUAL.around(&world.sp.keys[0], plain);
    assert_eq!(world.fault(&response(&forged(&evil("_evil")))), "signature_missing");
    // CVE-2026-2092: anybody can encrypt for us, and has a signed assertion of their own.
    let own = world.signer.signed(&assertion());
    for inner in [format!("{}{own}", forged(&evil("_evil"))), format!("{own}{}", forged(&evil("_evil")))] {
        assert_eq!(world.fault(&response(&inner)), "assertion_count");
    }
    let eve = Signer::rsa();
    assert_eq!(world.fault(&response(&forged(&eve.signed(&evil("_evil"))))), "signature_invalid");
    let both = world.signer.signed(&response(&forged(&eve.signed(&assertion()))));
    assert_eq!(world.fault(&both), "signature_invalid", "the inner one as well");
    let nested = own.replacen("<saml:Subject>", &format!("{}<saml:Subject>", evil("_evil")), 1);
    assert_eq!(world.fault(&response(&forged(&nested))), "assertion_count");
    for (plain, fault) in [
        (format!("<!DOCTYPE x>{own}"), "xml_declaration_refused"),
        (response(&own), "assertion_count"),
        ("<x/>".to_owned(), "assertion_count"),
        (String::new(), "xml_malformed"),
        (forged(&own), "xml_malformed"),
    ] {
        assert_eq!(world.fault(&world.signer.signed(&response(&forged(&plain)))), fault, "{plain}");
    }
}

#[test]
fn s_08_weak_encryption_is_refused_before_anything_is_decrypted() {
    let mut world = World::new();
    world.sp.keys.truncate(1);
    let rsa15 = Encryption { transport: RSA15, padding: Padding::PKCS1, ..USUAL };
    let usual = sealed(&world, &USUAL, Signed::Both);
    assert_eq!(world.fault(&usual), "nothing");
    for signed in SUFFICIENT {
        assert_eq!(world.fault(&sealed(&world, &rsa15, signed)), "encryption_algorithm_refused");
        // Named in a signed answer, so that the names themselves are what is refused.
        let sealed = sealed(&world, &USUAL, Signed::Assertion);
        for (from, to) in [
            (GCM256, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
            (GCM256, "http://www.w3.org/2001/04/xmlenc#kw-aes256"),
            (GCM256, "http://www.w3.org/2009/xmlenc11#AES256-GCM"),
            (OAEP, "http://www.w3.org/2001/04/xmlenc#kw-aes256"),
            (OAEP, ""),
        ] {
            assert_eq!(world.fault(&swap(&sealed, from, to)), "encryption_algorithm_refused", "{to}");
        }
    }
    let odd = Encryption { hashes: "<xenc:OAEPparams>bGFiZWw=</xenc:OAEPparams>", ..USUAL };
    assert_eq!(world.fault(&sealed(&world, &odd, Signed::Both)), "encryption_algorithm_refused");
    let md5 = "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#md5\"/>";
    assert_eq!(
        world.fault(&sealed(&world, &Encryption { hashes: md5, ..USUAL }, Signed::Both)),
        "encryption_algorithm_refused"
    );
}

#[test]
fn s_08_aes_cbc_counts_if_it_is_allowed_and_a_signature_is_around_it() {
    let world = World::new();
    let allowed = Expected { allow_cbc: true, ..expected() };
    for encryption in [
        Encryption { content: CBC256, cipher: Cipher::aes_256_cbc, ..USUAL },
        Encryption { content: CBC128, cipher: Cipher::aes_128_cbc, ..USUAL },
    ] {
        for (signed, fault) in [
            (Signed::Response, "nothing"),
            (Signed::Both, "nothing"),
            (Signed::Assertion, "encryption_cbc_unsigned"),
        ] {
            let answer = sealed(&world, &encryption, signed);
            assert_eq!(world.fault(&answer), "encryption_algorithm_refused", "{signed:?}");
            assert_eq!(world.fault_as(&answer, &allowed), fault, "{signed:?}");
        }
    }
    let usual = sealed(&world, &USUAL, Signed::Assertion);
    assert_eq!(world.fault_as(&usual, &allowed), "nothing");
    let downgraded = swap(&usual, GCM256, CBC256);
    assert_eq!(world.fault_as(&downgraded, &allowed), "encryption_cbc_unsigned");
}

#[test]
fn s_08_a_thousand_changed_ciphertexts_are_all_the_same_fault() {
    let world = World::new();
    let key = [9; 32];
    let content = USUAL.content(&key, world.signer.signed(&assertion()).as_bytes());
    let wrapped = USUAL.key(&world.sp.keys[0], &key);
    assert_eq!(world.fault(&response(&USUAL.wrap(&wrapped, &content))), "nothing");
    for at in (0..content.len()).step_by((content.len() / 900).max(1)) {
        let mut changed = content.clone();
        changed[at] ^= 1 << (at % 8);
        assert_eq!(world.fault(&response(&USUAL.wrap(&wrapped, &changed))), "decryption_failed", "byte {at}");
    }
    for at in 0..100 {
        let mut changed = wrapped.clone();
        changed[at] ^= 1 << (at % 8);
        assert_eq!(
            world.fault(&response(&USUAL.wrap(&changed, &content))),
            "decryption_failed",
            "byte {at} of the key"
        );
    }
    let short = USUAL.wrap(&USUAL.key(&world.sp.keys[0], &[9; 16]), &content);
    assert_eq!(world.fault(&response(&short)), "decryption_failed", "a key of another length");
}

#[test]
fn s_08_a_changed_key_a_changed_content_and_a_key_of_another_length_cost_the_same() {
    let world = World::new();
    let key = [9; 32];
    let content = USUAL.content(&key, world.signer.signed(&assertion()).as_bytes());
    let wrapped = USUAL.key(&world.sp.keys[0], &key);
    let (mut other_key, mut other_content) = (wrapped.clone(), content.clone());
    other_key[40] ^= 1;
    other_content[40] ^= 1;
    let short = USUAL.key(&world.sp.keys[0], &[9; 16]);
    let costs =
        [(&other_key, &content), (&wrapped, &other_content), (&short, &content)].map(|(key, content)| {
            let answer = response(&USUAL.wrap(key, content));
            cost::of(200, || assert_eq!(world.fault(&answer), "decryption_failed"))
        });
    let [least, most] = [costs.iter().min(), costs.iter().max()].map(Option::unwrap);
    assert!(*most < *least * 3 / 2, "{costs:?}");
}

#[test]
fn s_08_bad_padding_in_a_signed_answer_is_the_same_fault_as_a_bad_key() {
    let world = World::new();
    let allowed = Expected { allow_cbc: true, ..expected() };
    let cbc = Encryption { content: CBC256, cipher: Cipher::aes_256_cbc, ..USUAL };
    let key = [9; 32];
    let wrapped = cbc.key(&world.sp.keys[0], &key);
    let content = cbc.content(&key, assertion().as_bytes());
    let fault = |content: &[u8]| {
        world.fault_as(&world.signer.signed(&response(&cbc.wrap(&wrapped, content))), &allowed)
    };
    assert_eq!(fault(&content), "nothing");
    for length in [0, 15, 16, 17, 31, content.len() - 1] {
        assert_eq!(fault(&content[..length]), "decryption_failed", "{length}");
    }
    // A last block of noughts says that nothing is to be left out.
    let mut padded = vec![7; 16];
    let mut plain = assertion().into_bytes();
    plain.resize(plain.len().next_multiple_of(16) + 16, 0);
    let mut crypter =
        openssl::symm::Crypter::new(Cipher::aes_256_cbc(), openssl::symm::Mode::Encrypt, &key, Some(&padded))
            .unwrap();
    crypter.pad(false);
    let mut out = vec![0; plain.len() + 16];
    let written = crypter.update(&plain, &mut out).unwrap();
    padded.extend_from_slice(&out[..written]);
    assert_eq!(fault(&padded), "decryption_failed");
}

#[test]
fn s_09_short_and_odd_ciphertexts_bring_nothing_down() {
    let world = World::new();
    let key = [9; 32];
    let wrapped = USUAL.key(&world.sp.keys[0], &key);
    for length in 0..=40 {
        let answer = response(&USUAL.wrap(&wrapped, &vec![1; length]));
        // An empty value is well-formed, and no ciphertext.
        assert_eq!(world.fault(&answer), "decryption_failed", "{length}");
        let answer = response(&USUAL.wrap(&vec![1; length], &[1; 64]));
        assert_eq!(world.fault(&answer), "decryption_failed", "{length} of the key");
    }
    let good = sealed(&world, &USUAL, Signed::Assertion);
    let value = cut(&good, "<xenc:CipherValue>", "</xenc:CipherValue>").to_owned();
    let data = cut(&good, "<xenc:CipherData>", "</xenc:CipherData>").to_owned();
    let sealed_key = cut(&good, "<xenc:EncryptedKey ", "</xenc:EncryptedKey>").to_owned();
    for (name, from, to) in [
        ("odd base64", &value, "<xenc:CipherValue>AAA</xenc:CipherValue>".to_owned()),
        ("no base64", &value, "<xenc:CipherValue>%</xenc:CipherValue>".to_owned()),
        ("an element in it", &value, "<xenc:CipherValue><x/></xenc:CipherValue>".to_owned()),
        ("no value", &value, String::new()),
        ("two values", &value, value.repeat(2)),
        ("no data", &data, String::new()),
        ("elsewhere", &value, "<xenc:CipherReference URI=\"https://evil.example/\"/>".to_owned()),
        ("no key", &sealed_key, String::new()),
        ("five keys", &sealed_key, sealed_key.repeat(5)),
    ] {
        assert_eq!(world.fault(&swap(&good, from, &to)), "encryption_malformed", "{name}");
    }
    assert_eq!(
        world.fault(&swap(&good, &sealed_key, &sealed_key.repeat(4))),
        "nothing",
        "for four keys of ours"
    );
    assert_eq!(world.read(&response("<saml:EncryptedAssertion/>")), Err(Fault::EncryptionForm));
}
