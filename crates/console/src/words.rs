//! What pages say, in each language that they speak.

use elder_kernel::ErrorCode;
use elder_portal_users::{
    Error,
    password::{MOST, Weakness},
};

macro_rules! words {
    ($($name:ident: $english:literal, $german:literal;)*) => {
        /// Every text of the pages in one language.
        #[derive(Debug)]
        pub(crate) struct Words {
            $(pub(crate) $name: &'static str,)*
        }

        static ENGLISH: Words = Words { $($name: $english,)* };
        static GERMAN: Words = Words { $($name: $german,)* };
    };
}

words! {
    tag: "en", "de";
    accept: "Accept the invitation", "Einladung annehmen";
    accepted: "You have an account now. Sign in with it.", "Sie haben jetzt ein Konto. Melden Sie sich damit an.";
    account: "Your account", "Ihr Konto";
    another_address: "Use another address", "Andere Adresse verwenden";
    any_language: "As the browser says", "Wie im Browser eingestellt";
    ask_again: "Open the page again", "Seite neu öffnen";
    become_owner: "Become the owner", "Besitz übernehmen";
    busy: "Too many people are signing in just now. Try again in a moment.",
        "Gerade melden sich zu viele Personen an. Versuchen Sie es gleich noch einmal.";
    change_password: "Change password", "Passwort ändern";
    code_of_factor: "Code of your authenticator app, or a backup code", "Code Ihrer Authenticator-App oder ein Ersatzcode";
    cross_site: "This form did not come from a page of this server in this browser. Open the page again and send it from there; the browser must keep the page's cookie.",
        "Dieses Formular kam nicht von einer Seite dieses Servers in diesem Browser. Öffnen Sie die Seite neu und senden Sie es von dort; der Browser muss das Cookie der Seite behalten.";
    confirm: "Confirm your address", "Adresse bestätigen";
    confirm_about: "Press the button to confirm. Whoever did not ask for this closes the page.",
        "Drücken Sie den Knopf, um zu bestätigen. Wer das nicht verlangt hat, schließt die Seite.";
    confirm_done: "Your address is confirmed.", "Ihre Adresse ist bestätigt.";
    confirm_half: "This address agrees. The change takes effect when the link in the other mail is opened too.",
        "Diese Adresse stimmt zu. Die Änderung gilt, sobald auch der Link in der anderen Mail geöffnet ist.";
    confirm_changed: "Your account has the new address now.", "Ihr Konto hat jetzt die neue Adresse.";
    email: "E-mail address", "E-Mail-Adresse";
    email_needed: "Enter your e-mail address.", "Geben Sie Ihre E-Mail-Adresse ein.";
    end_session: "End", "Beenden";
    expired: "Your password is too old here. Choose another one.",
        "Ihr Passwort ist hier zu alt. Wählen Sie ein anderes.";
    enrol: "Set up a second factor", "Zweiten Faktor einrichten";
    enrol_about: "Your organization asks for a second factor. Scan this with an authenticator app, then type the code that it shows.",
        "Ihre Organisation verlangt einen zweiten Faktor. Scannen Sie dies mit einer Authenticator-App und geben Sie den Code ein, den sie zeigt.";
    enrol_by_hand: "Or type this into the app:", "Oder tippen Sie dies in die App:";
    factor: "Second step", "Zweiter Schritt";
    factor_not_here: "Your second factor is a passkey or security key, which these pages cannot ask for. Sign in by your application.",
        "Ihr zweiter Faktor ist ein Passkey oder Sicherheitsschlüssel, nach dem diese Seiten nicht fragen können. Melden Sie sich über Ihre Anwendung an.";
    failed: "Elder could not answer", "Elder konnte nicht antworten";
    failed_about: "The fault is not yours. Try again later; if it stays, tell an admin the number below.",
        "Der Fehler liegt nicht bei Ihnen. Versuchen Sie es später noch einmal; bleibt er, nennen Sie einem Admin die Nummer unten.";
    email_taken: "Another account has this address.", "Diese Adresse gehört zu einem anderen Konto.";
    forgot: "Forgot your password?", "Passwort vergessen?";
    forgot_about: "Tell us your address. If it belongs to an account, a link to choose another password comes by mail.",
        "Nennen Sie Ihre Adresse. Gehört sie zu einem Konto, kommt per Mail ein Link, um ein anderes Passwort zu wählen.";
    forgot_done: "If the address belongs to an account, a mail is on its way.",
        "Gehört die Adresse zu einem Konto, ist eine Mail unterwegs.";
    invalid_email: "This is no e-mail address.", "Das ist keine E-Mail-Adresse.";
    invalid_link: "This link is not valid (any more). Let another one be sent.",
        "Dieser Link gilt nicht (mehr). Lassen Sie einen anderen senden.";
    language: "Language", "Sprache";
    last_seen: "last seen", "zuletzt gesehen";
    link_is_wrong: "This link is not complete or not right", "Dieser Link ist unvollständig oder falsch";
    maintenance: "Elder is under maintenance", "Elder wird gewartet";
    managed: "A directory of your organization manages this. Change it there.",
        "Das verwaltet ein Verzeichnis Ihrer Organisation. Ändern Sie es dort.";
    name_is_wrong: "A name has at most 200 characters, and no control character.",
        "Ein Name hat höchstens 200 Zeichen und kein Steuerzeichen.";
    network: "Your organization does not let you sign in from this network.",
        "Ihre Organisation lässt die Anmeldung aus diesem Netz nicht zu.";
    new_password: "New password", "Neues Passwort";
    next: "Next", "Weiter";
    not_allowed: "This is not open to you", "Das steht Ihnen nicht offen";
    not_found: "There is nothing here", "Hier ist nichts";
    not_found_about: "The page does not exist, or not for you.", "Die Seite gibt es nicht, oder nicht für Sie.";
    not_registered: "The application sent you here with an address that it has not registered to return to. Tell those who run it.",
        "Die Anwendung hat Sie mit einer Rücksprungadresse hierher geschickt, die sie nicht registriert hat. Sagen Sie das denen, die sie betreiben.";
    onward_to: "to go on to", "um weiterzugehen zu";
    password: "Password", "Passwort";
    password_advice: "A long one: a few words that nobody else would put together.",
        "Ein langes: ein paar Wörter, die sonst niemand zusammenstellt.";
    password_ends_sessions: "All your other sessions end.", "Alle Ihre anderen Sitzungen enden.";
    password_saved: "Your password is changed, and all other sessions have ended.",
        "Ihr Passwort ist geändert, alle anderen Sitzungen sind beendet.";
    present_password: "Present password", "Jetziges Passwort";
    profile: "Profile", "Profil";
    profile_saved: "Your profile is saved.", "Ihr Profil ist gespeichert.";
    rate_limited: "Too many requests", "Zu viele Anfragen";
    rate_limited_about: "Wait for {} seconds, then try again.", "Warten Sie {} Sekunden und versuchen Sie es dann noch einmal.";
    register: "Ask for an account", "Konto anfragen";
    register_done: "If you may have an account, a mail is on its way. Open the link in it.",
        "Wenn Sie ein Konto haben dürfen, ist eine Mail unterwegs. Öffnen Sie den Link darin.";
    remember_device: "Do not ask for it on this device for a while", "Auf diesem Gerät eine Weile nicht danach fragen";
    request_id: "Number of the request:", "Nummer der Anfrage:";
    reset: "Choose another password", "Anderes Passwort wählen";
    reset_done: "Your password is set, and all sessions have ended. Sign in with it.",
        "Ihr Passwort ist gesetzt, alle Sitzungen sind beendet. Melden Sie sich damit an.";
    save: "Save", "Speichern";
    session_ended: "The session has ended.", "Die Sitzung ist beendet.";
    sessions: "Sessions", "Sitzungen";
    send_link: "Send the link", "Link senden";
    setup: "Set up Elder", "Elder einrichten";
    setup_about: "This platform has no owner yet. Whoever sends this form becomes its owner.",
        "Diese Plattform hat noch niemanden, dem sie gehört. Wer dieses Formular sendet, dem gehört sie.";
    setup_done: "This platform has its owner already.", "Diese Plattform gehört schon jemandem.";
    setup_is_done: "Elder is set up", "Elder ist eingerichtet";
    setup_owner: "{} owns this platform now and may sign in.", "{} gehört diese Plattform jetzt und kann sich anmelden.";
    setup_token: "The setup link is not valid (any more): start Elder again for another one.",
        "Der Einrichtungslink gilt nicht (mehr): Starten Sie Elder neu für einen anderen.";
    sign_in: "Sign in", "Anmelden";
    sign_in_failed: "E-mail address and password do not fit, or the account may not sign in now.",
        "E-Mail-Adresse und Passwort passen nicht, oder das Konto darf sich jetzt nicht anmelden.";
    sign_out: "Sign out", "Abmelden";
    signed_out: "You are signed out", "Sie sind abgemeldet";
    signed_out_about: "In this browser nobody is signed in any more.", "In diesem Browser ist niemand mehr angemeldet.";
    tenant: "Organization", "Organisation";
    this_browser: "this browser", "dieser Browser";
    too_many_sessions: "You are signed in as often as your organization allows. Sign out elsewhere first.",
        "Sie sind so oft angemeldet, wie Ihre Organisation es zulässt. Melden Sie sich zuerst anderswo ab.";
    unknown_program: "Unknown program", "Unbekanntes Programm";
    unreadable: "The form could not be read", "Das Formular ist nicht lesbar";
    weak_common: "This is one of the first passwords that anybody tries.",
        "Das ist eines der ersten Passwörter, die jemand probiert.";
    weak_guessable: "This takes too few guesses: some words that have nothing to do with each other are better.",
        "Das ist zu leicht zu erraten: Besser sind einige Wörter, die nichts miteinander zu tun haben.";
    weak_long: "A password has at most {} characters.", "Ein Passwort hat höchstens {} Zeichen.";
    weak_name: "A password holds neither your name nor your organization's.",
        "Ein Passwort enthält weder Ihren Namen noch den Ihrer Organisation.";
    weak_short: "A password has at least {} characters.", "Ein Passwort hat mindestens {} Zeichen.";
    weak_uniform: "A password has {} of: lower case, upper case, digits, other characters.",
        "Ein Passwort hat {} von: Kleinbuchstaben, Großbuchstaben, Ziffern, andere Zeichen.";
    weak_used: "You had this password not long ago: take another one.",
        "Dieses Passwort hatten Sie vor nicht langer Zeit: Nehmen Sie ein anderes.";
    which_tenant: "Several organizations know this account. Which one do you mean? Enter your password again.",
        "Mehrere Organisationen kennen dieses Konto. Welche meinen Sie? Geben Sie Ihr Passwort noch einmal ein.";
    wrong_code: "The code does not fit, or was used before.", "Der Code passt nicht oder wurde schon verwendet.";
    wrong_password: "The present password is another one.", "Das jetzige Passwort ist ein anderes.";
    your_name: "Your name", "Ihr Name";
}

/// The languages that somebody can choose, by their tags and own names.
pub(crate) const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("de", "Deutsch")];

impl Words {
    /// Those of the first of these language tags (RFC 5646) that is spoken here; else English.
    pub(crate) fn of<'a>(wanted: impl IntoIterator<Item = &'a str>) -> &'static Self {
        let spoken = |tag: &str| match tag.split('-').next()?.trim().to_ascii_lowercase().as_str() {
            "en" => Some(&ENGLISH),
            "de" => Some(&GERMAN),
            _ => None,
        };
        wanted.into_iter().find_map(spoken).unwrap_or(&ENGLISH)
    }

    /// What is wrong, in sentences for a person; none if it is a fault that no page can mend.
    pub(crate) fn alerts(&self, error: &Error) -> Option<Vec<String>> {
        let sentence = match error {
            Error::WeakPassword(weaknesses) => {
                return Some(weaknesses.broken().iter().map(|rule| self.weakness(rule)).collect());
            }
            Error::InvalidCredentials => self.sign_in_failed,
            Error::TenantRequired(_) => self.which_tenant,
            Error::InvalidProof => self.wrong_code,
            Error::PasswordExpired => self.expired,
            Error::NetworkForbidden => self.network,
            Error::TooManySessions => self.too_many_sessions,
            Error::WrongPassword => self.wrong_password,
            Error::ManagedByDirectory(_) => self.managed,
            Error::InvalidLink => self.invalid_link,
            Error::EmailTaken => self.email_taken,
            Error::InvalidEmail(_) => self.invalid_email,
            Error::InvalidSetupToken => self.setup_token,
            Error::SetupDone => self.setup_done,
            _ => return None,
        };
        Some(vec![sentence.to_owned()])
    }

    fn weakness(&self, rule: &Weakness) -> String {
        let with = |words: &str, number: &dyn ToString| words.replace("{}", &number.to_string());
        match rule {
            Weakness::TooShort(least) => with(self.weak_short, least),
            Weakness::TooLong => with(self.weak_long, &MOST),
            Weakness::TooUniform(kinds) => with(self.weak_uniform, kinds),
            Weakness::HoldsName => self.weak_name.to_owned(),
            Weakness::Common => self.weak_common.to_owned(),
            Weakness::Guessable => self.weak_guessable.to_owned(),
            Weakness::UsedBefore => self.weak_used.to_owned(),
        }
    }

    /// The title of the page that says that a request was refused.
    pub(crate) fn title(&self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::NotFound | ErrorCode::RouteNotFound | ErrorCode::MethodNotAllowed => self.not_found,
            ErrorCode::InvalidId | ErrorCode::InvalidParameter | ErrorCode::UnregisteredUri => {
                self.link_is_wrong
            }
            ErrorCode::RateLimited => self.rate_limited,
            ErrorCode::Maintenance => self.maintenance,
            code if code.status() >= 500 => self.failed,
            code if code.status() == 403 => self.not_allowed,
            _ => self.unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_spoken_here_is_taken() {
        for (wanted, tag) in [
            (&["fr-CA", "de-AT"][..], "de"),
            (&["EN-gb", "de"], "en"),
            (&["fr"], "en"),
            (&[], "en"),
            (&[""], "en"),
        ] {
            assert_eq!(Words::of(wanted.iter().copied()).tag, tag, "{wanted:?}");
        }
    }
}
