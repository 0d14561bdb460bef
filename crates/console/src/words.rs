//! What pages say, in each language that they speak.

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
    add_authenticator: "Add an authenticator app", "Authenticator-App hinzufügen";
    add_passkey: "Add a passkey", "Passkey hinzufügen";
    address_unproven: "not confirmed yet", "noch nicht bestätigt";
    another_address: "Use another address", "Andere Adresse verwenden";
    any_language: "As the browser says", "Wie im Browser eingestellt";
    ask_again: "Open the page again", "Seite neu öffnen";
    authenticator: "Authenticator app", "Authenticator-App";
    authenticator_about: "Scan this with an authenticator app, then type the code that it shows.",
        "Scannen Sie dies mit einer Authenticator-App und geben Sie den Code ein, den sie zeigt.";
    authenticator_again: "Type the code that your app shows now.",
        "Geben Sie den Code ein, den Ihre App jetzt zeigt.";
    backup_codes: "Backup codes", "Ersatzcodes";
    backup_codes_about: "For the day when nothing else is at hand. Each is good once.",
        "Für den Tag, an dem nichts anderes zur Hand ist. Jeder gilt einmal.";
    backup_codes_left: "{} unused", "{} unbenutzt";
    backup_codes_made: "Keep these now: they are never shown again. The codes before them are good no more.",
        "Bewahren Sie diese jetzt auf: Sie werden nie wieder gezeigt. Die Codes davor gelten nicht mehr.";
    become_owner: "Become the owner", "Besitz übernehmen";
    busy: "Too many people are signing in just now. Try again in a moment.",
        "Gerade melden sich zu viele Personen an. Versuchen Sie es gleich noch einmal.";
    cancel: "Cancel", "Abbrechen";
    change_email: "Change address", "Adresse ändern";
    change_email_about: "Both addresses get a mail with a link. The change takes effect once both were opened.",
        "Beide Adressen bekommen eine Mail mit einem Link. Die Änderung gilt, sobald beide geöffnet sind.";
    change_password: "Change password", "Passwort ändern";
    code_of_authenticator: "Code from your authenticator app", "Code aus Ihrer Authenticator-App";
    code_of_factor: "Code from your authenticator app, or a backup code", "Code aus Ihrer Authenticator-App oder ein Ersatzcode";
    confirm: "Confirm your address", "Adresse bestätigen";
    confirm_about: "Press the button to confirm. Whoever did not ask for this closes the page.",
        "Drücken Sie den Knopf, um zu bestätigen. Wer das nicht verlangt hat, schließt die Seite.";
    confirm_changed: "Your account has the new address now.", "Ihr Konto hat jetzt die neue Adresse.";
    confirm_done: "Your address is confirmed.", "Ihre Adresse ist bestätigt.";
    confirm_half: "This address agrees. The change takes effect when the link in the other mail is opened too.",
        "Diese Adresse stimmt zu. Die Änderung gilt, sobald auch der Link in der anderen Mail geöffnet ist.";
    cross_site: "This form did not come from a page of this server in this browser. Open the page again and send it from there; the browser must keep the page's cookie.",
        "Dieses Formular kam nicht von einer Seite dieses Servers in diesem Browser. Öffnen Sie die Seite neu und senden Sie es von dort; der Browser muss das Cookie der Seite behalten.";
    device_withdrawn: "The device is removed, and its sessions have ended.",
        "Das Gerät ist entfernt, seine Sitzungen sind beendet.";
    devices: "Devices", "Geräte";
    devices_about: "Removing a device ends its sessions. Its next sign-in is that of a new one.",
        "Ein Gerät zu entfernen beendet seine Sitzungen. Seine nächste Anmeldung ist die eines neuen.";
    devices_and_sessions: "Devices and sessions", "Geräte und Sitzungen";
    done: "Done", "Fertig";
    email: "E-mail address", "E-Mail-Adresse";
    email_asked: "Two mails are on their way: open the link in each.",
        "Zwei Mails sind unterwegs: Öffnen Sie den Link in jeder.";
    email_domain: "Your organization takes no address at this domain.",
        "Ihre Organisation nimmt keine Adresse dieser Domain.";
    email_needed: "Enter your e-mail address.", "Geben Sie Ihre E-Mail-Adresse ein.";
    email_same: "This is your address already.", "Das ist bereits Ihre Adresse.";
    email_taken: "Another account has this address.", "Diese Adresse gehört zu einem anderen Konto.";
    email_verification_asked: "A mail with a link is on its way.", "Eine Mail mit einem Link ist unterwegs.";
    end_session: "End", "Beenden";
    enrol: "Set up a second factor", "Zweiten Faktor einrichten";
    enrol_about: "Your organization asks for a second factor. Set one up to go on.",
        "Ihre Organisation verlangt einen zweiten Faktor. Richten Sie einen ein, um weiterzumachen.";
    enrol_by_hand: "Or type this into the app:", "Oder tippen Sie dies in die App:";
    enrol_here: "The app is on this device", "Die App ist auf diesem Gerät";
    expired: "Your password is too old here. Choose another one.",
        "Ihr Passwort ist hier zu alt. Wählen Sie ein anderes.";
    factor: "Second step", "Zweiter Schritt";
    factor_added: "Your second factor is set up.", "Ihr zweiter Faktor ist eingerichtet.";
    factor_not_here: "Your second factor is a passkey or security key, which this server cannot ask for here. Sign in by your application.",
        "Ihr zweiter Faktor ist ein Passkey oder Sicherheitsschlüssel, nach dem dieser Server hier nicht fragen kann. Melden Sie sich über Ihre Anwendung an.";
    factor_not_taken: "Your organization does not take this kind of second factor.",
        "Ihre Organisation nimmt diese Art von zweitem Faktor nicht.";
    factor_registered: "This passkey is set up already.", "Dieser Passkey ist bereits eingerichtet.";
    factor_removed: "The second factor is removed.", "Der zweite Faktor ist entfernt.";
    factor_renamed: "The second factor has its new name.", "Der zweite Faktor hat seinen neuen Namen.";
    factor_required: "Your organization asks you to have one.", "Ihre Organisation verlangt einen von Ihnen.";
    factors: "Second factors", "Zweite Faktoren";
    factors_none: "You have none yet. With one, nobody gets in with your password alone.",
        "Sie haben noch keinen. Mit einem kommt niemand mit Ihrem Passwort allein hinein.";
    factors_too_many: "You have as many second factors as one can have. Remove one first.",
        "Sie haben so viele zweite Faktoren, wie man haben kann. Entfernen Sie zuerst einen.";
    failed: "Elder could not answer", "Elder konnte nicht antworten";
    failed_about: "The fault is not yours. Try again later; if it stays, tell an admin the number below.",
        "Der Fehler liegt nicht bei Ihnen. Versuchen Sie es später noch einmal; bleibt er, nennen Sie einem Admin die Nummer unten.";
    flow_over: "This sign-in is over. Begin again.", "Diese Anmeldung ist vorbei. Beginnen Sie von vorn.";
    forgot: "Forgot your password?", "Passwort vergessen?";
    forgot_about: "Tell us your address. If it belongs to an account, a link to choose another password comes by mail.",
        "Nennen Sie Ihre Adresse. Gehört sie zu einem Konto, kommt per Mail ein Link, um ein anderes Passwort zu wählen.";
    forgot_done: "If the address belongs to an account, a mail is on its way.",
        "Gehört die Adresse zu einem Konto, ist eine Mail unterwegs.";
    invalid_email: "This is no e-mail address.", "Das ist keine E-Mail-Adresse.";
    invalid_link: "This link is not valid (any more). Let another one be sent.",
        "Dieser Link gilt nicht (mehr). Lassen Sie einen anderen senden.";
    label_wrong: "A name has 1 to 100 characters, and no control character.",
        "Ein Name hat 1 bis 100 Zeichen und kein Steuerzeichen.";
    language: "Language", "Sprache";
    last_seen: "last seen", "zuletzt gesehen";
    link_is_wrong: "This link is not complete or not right", "Dieser Link ist unvollständig oder falsch";
    mailed_enough: "This address has got enough mails for now. Try again later.",
        "Diese Adresse hat vorerst genug Mails bekommen. Versuchen Sie es später noch einmal.";
    main_menu: "Your account", "Ihr Konto";
    maintenance: "Elder is under maintenance", "Elder wird gewartet";
    make_backup_codes: "Make new codes", "Neue Codes erzeugen";
    managed: "A directory of your organization manages this. Change it there.",
        "Das verwaltet ein Verzeichnis Ihrer Organisation. Ändern Sie es dort.";
    name_is_wrong: "A name has at most 200 characters, and no control character.",
        "Ein Name hat höchstens 200 Zeichen und kein Steuerzeichen.";
    name_of_factor: "Name, to tell it from others", "Name, um ihn von anderen zu unterscheiden";
    network: "Your organization does not let you sign in from this network.",
        "Ihre Organisation lässt die Anmeldung aus diesem Netz nicht zu.";
    never_used: "never used", "nie benutzt";
    new_email: "New e-mail address", "Neue E-Mail-Adresse";
    new_password: "New password", "Neues Passwort";
    next: "Next", "Weiter";
    not_allowed: "This is not open to you", "Das steht Ihnen nicht offen";
    not_found: "There is nothing here", "Hier ist nichts";
    not_found_about: "The page does not exist, or not for you.", "Die Seite gibt es nicht, oder nicht für Sie.";
    not_registered: "The application sent you here with an address that it has not registered to return to. Tell those who run it.",
        "Die Anwendung hat Sie mit einer Rücksprungadresse hierher geschickt, die sie nicht registriert hat. Sagen Sie das denen, die sie betreiben.";
    onward_to: "to continue to", "weiter zu";
    passkey: "Passkey", "Passkey";
    passkey_about: "Your device asks for your finger, your face or its PIN, and signs you in with it from then on.",
        "Ihr Gerät fragt nach Finger, Gesicht oder PIN und meldet Sie künftig damit an.";
    passkey_failed: "The browser gave no passkey. Try again, or take another way.",
        "Der Browser gab keinen Passkey. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.";
    passkey_impossible: "Passkeys are not possible here: this server has no name that they could be bound to.",
        "Passkeys sind hier nicht möglich: Dieser Server hat keinen Namen, an den sie gebunden werden könnten.";
    passkey_refused: "The passkey is not known here, or may not sign in now.",
        "Der Passkey ist hier nicht bekannt oder darf sich jetzt nicht anmelden.";
    passkey_script: "Passkeys need JavaScript, which is switched off in this browser.",
        "Passkeys brauchen JavaScript, das in diesem Browser ausgeschaltet ist.";
    password: "Password", "Passwort";
    password_advice: "A long one: a few words that nobody else would put together.",
        "Ein langes: ein paar Wörter, die sonst niemand zusammenstellt.";
    password_ends_sessions: "All your other sessions end.", "Alle Ihre anderen Sitzungen enden.";
    password_saved: "Your password is changed, and all other sessions have ended.",
        "Ihr Passwort ist geändert, alle anderen Sitzungen sind beendet.";
    present_password: "Current password", "Aktuelles Passwort";
    profile: "Profile", "Profil";
    profile_saved: "Your profile is saved.", "Ihr Profil ist gespeichert.";
    prove_again: "Sign in again to go on: this needs a newer proof that it is you.",
        "Melden Sie sich erneut an, um weiterzumachen: Das verlangt einen neueren Beweis, dass Sie es sind.";
    qr_code: "QR code for the authenticator app", "QR-Code für die Authenticator-App";
    rate_limited: "Too many requests", "Zu viele Anfragen";
    rate_limited_about: "Wait for {} seconds, then try again.", "Warten Sie {} Sekunden und versuchen Sie es dann noch einmal.";
    register: "Ask for an account", "Konto anfragen";
    register_done: "If you may have an account, a mail is on its way. Open the link in it.",
        "Wenn Sie ein Konto haben dürfen, ist eine Mail unterwegs. Öffnen Sie den Link darin.";
    remember_device: "Do not ask again on this device for a while", "Auf diesem Gerät eine Weile nicht mehr fragen";
    remembered_until: "no second factor asked until", "kein zweiter Faktor verlangt bis";
    remove: "Remove", "Entfernen";
    rename: "Rename", "Umbenennen";
    request_id: "Number of the request:", "Nummer der Anfrage:";
    reset: "Choose another password", "Anderes Passwort wählen";
    reset_done: "Your password is set, and all sessions have ended. Sign in with it.",
        "Ihr Passwort ist gesetzt, alle Sitzungen sind beendet. Melden Sie sich damit an.";
    save: "Save", "Speichern";
    security: "Sign-in and security", "Anmeldung und Sicherheit";
    send_link: "Send the link", "Link senden";
    send_link_again: "Send the link again", "Link erneut senden";
    session_ended: "The session has ended.", "Die Sitzung ist beendet.";
    sessions: "Sessions", "Sitzungen";
    set_up: "Set up", "Einrichten";
    set_up_passkey: "Set up a passkey", "Passkey einrichten";
    setup: "Set up Elder", "Elder einrichten";
    setup_about: "This platform has no owner yet. Whoever sends this form becomes its owner.",
        "Diese Plattform hat noch niemanden, dem sie gehört. Wer dieses Formular sendet, dem gehört sie.";
    setup_done: "This platform has its owner already.", "Diese Plattform gehört schon jemandem.";
    setup_is_done: "Elder is set up", "Elder ist eingerichtet";
    setup_owner: "{} owns this platform now and may sign in.", "{} gehört diese Plattform jetzt und kann sich anmelden.";
    setup_token: "The setup link is not valid (any more): start Elder again for another one.",
        "Der Einrichtungslink gilt nicht (mehr): Starten Sie Elder neu für einen anderen.";
    sign_in: "Sign in", "Anmelden";
    sign_in_by_passkey: "Sign in with a passkey", "Mit einem Passkey anmelden";
    sign_in_failed: "E-mail address and password do not fit, or the account may not sign in now.",
        "E-Mail-Adresse und Passwort passen nicht, oder das Konto darf sich jetzt nicht anmelden.";
    sign_in_with: "Sign in with {}", "Mit {} anmelden";
    sign_out: "Sign out", "Abmelden";
    signed_in_last: "last sign-in", "letzte Anmeldung";
    signed_out: "You are signed out", "Sie sind abgemeldet";
    signed_out_about: "In this browser nobody is signed in any more.", "In diesem Browser ist niemand mehr angemeldet.";
    tenant: "Organization", "Organisation";
    this_browser: "this browser", "dieser Browser";
    this_device: "this device", "dieses Gerät";
    sso_account_exists: "An account with your address is here already. Sign in to it as you usually do, or ask an admin to link it.",
        "Ein Konto mit Ihrer Adresse gibt es hier bereits. Melden Sie sich wie gewohnt an, oder bitten Sie einen Admin, es zu verknüpfen.";
    sso_another_signed_in: "Somebody else is signed in here. Sign out first, then come again from your provider.",
        "Hier ist jemand anderes angemeldet. Melden Sie sich erst ab und kommen Sie dann erneut von Ihrem Anbieter.";
    sso_declined: "The sign-in was not allowed or not completed there.",
        "Die Anmeldung wurde dort nicht erlaubt oder nicht abgeschlossen.";
    sso_failed: "Signing in with {} did not work", "Die Anmeldung mit {} ist gescheitert";
    sso_failed_here: "You are not signed in", "Sie sind nicht angemeldet";
    sso_failed_about: "Its answer cannot be trusted, so nobody was signed in. If this happens again, tell an admin the number below.",
        "Der Antwort ist nicht zu trauen, deshalb wurde niemand angemeldet. Geschieht das wieder, nennen Sie einem Admin die Nummer unten.";
    sso_invited: "You are invited. Open the link in the mail that you were sent first.",
        "Sie sind eingeladen. Öffnen Sie zuerst den Link in der Mail, die Sie bekommen haben.";
    sso_link: "Link your account", "Konto verknüpfen";
    sso_link_about: "{} says that this account is yours. Link it, and you can sign in with {} from now on. Whoever did not come from there closes the page.",
        "{} sagt, dass dieses Konto Ihnen gehört. Verknüpfen Sie es, um sich künftig mit {} anzumelden. Wer nicht von dort kommt, schließt die Seite.";
    sso_linked: "Your account is linked.", "Ihr Konto ist verknüpft.";
    sso_not_admitted: "You were recognised, but may not sign in here. Ask an admin of your organization.",
        "Sie wurden erkannt, dürfen sich hier aber nicht anmelden. Wenden Sie sich an einen Admin Ihrer Organisation.";
    sso_not_awaited: "This sign-in has taken too long, was completed before, or began in another browser. Begin again.",
        "Diese Anmeldung hat zu lange gedauert, ist schon abgeschlossen oder begann in einem anderen Browser. Beginnen Sie von vorn.";
    sso_onward: "On to your provider", "Weiter zu Ihrem Anbieter";
    sso_onward_about: "This takes you to the identity provider of your organization.", "Hier geht es weiter zum Identitätsanbieter Ihrer Organisation.";
    license_grace: "The licence of this installation has ended or is not confirmed. Everything works for some days more: `elder license status` tells how many.", "Die Lizenz dieser Installation ist abgelaufen oder nicht bestätigt. Noch einige Tage geht alles weiter; wie viele, sagt `elder license status`.";
    license_lapsed: "The licence of this installation has lapsed. Nothing is deleted; what the community tier does not cover rests until there is another licence.", "Die Lizenz dieser Installation ist erloschen. Nichts wird gelöscht; was die Community-Stufe nicht abdeckt, ruht bis zur nächsten Lizenz.";
    sso_required: "Your organization signs in by its identity provider. Choose it below.", "Ihre Organisation meldet sich über ihren Identitätsanbieter an. Wählen Sie ihn unten.";
    sso_signed_out_not_there: "You are signed out here. Your identity provider could not sign you out everywhere: close the browser.", "Hier sind Sie abgemeldet. Ihr Identitätsanbieter konnte Sie nicht überall abmelden: Schließen Sie den Browser.";
    sso_sign_out_there: "You are still signed in at {}.", "Bei {} sind Sie noch angemeldet.";
    sso_sign_out_there_too: "Sign out there too", "Auch dort abmelden";
    sso_somewhere: "your organization", "Ihrer Organisation";
    sso_trial: "Test sign-in at {}", "Probeanmeldung bei {}";
    sso_trial_about: "This was a test: nobody was signed in, and nothing was changed.",
        "Das war eine Probe: Niemand wurde angemeldet, und nichts wurde geändert.";
    sso_trial_asks_owner: "The owner of the account with this address would be asked to link it.",
        "Wem das Konto mit dieser Adresse gehört, würde gefragt, ob es verknüpft werden soll.";
    sso_trial_attributes: "What Elder reads", "Was Elder liest";
    sso_trial_claims: "What the provider says", "Was der Anbieter sagt";
    sso_trial_groups: "Groups that it puts the person in", "Gruppen, denen die Person angehört";
    sso_trial_missing: "Organizations that are not there", "Organisationen, die es nicht gibt";
    sso_trial_no_roles: "None.", "Keine.";
    sso_trial_refused: "The sign-in would be refused.", "Die Anmeldung würde abgelehnt.";
    sso_trial_roles: "Roles that it gives", "Rollen, die er gibt";
    sso_trial_signs_in: "It would sign in to the account of {}.", "Die Anmeldung ginge an das Konto von {}.";
    sso_unreachable: "It does not answer. Try again in a while, or sign in another way.",
        "Von dort kommt keine Antwort. Versuchen Sie es später noch einmal, oder melden Sie sich auf anderem Weg an.";
    to_sign_in: "Back to the sign-in", "Zurück zur Anmeldung";
    too_many_sessions: "You are signed in as often as your organization allows. Sign out elsewhere first.",
        "Sie sind so oft angemeldet, wie Ihre Organisation es zulässt. Melden Sie sich zuerst anderswo ab.";
    unknown_program: "Unknown program", "Unbekanntes Programm";
    unreadable: "The form could not be read", "Das Formular ist nicht lesbar";
    used_last: "last used", "zuletzt benutzt";
    weak_common: "This is one of the first passwords that anybody tries.",
        "Das ist eines der ersten Passwörter, die jemand probiert.";
    weak_guessable: "This takes too few guesses: some words that have nothing to do with each other are better.",
        "Das ist zu leicht zu erraten: Besser sind einige Wörter, die nichts miteinander zu tun haben.";
    weak_long: "A password has at most {} characters.", "Ein Passwort hat höchstens {} Zeichen.";
    weak_name: "A password holds neither your name nor your organization's.",
        "Ein Passwort enthält weder Ihren Namen noch den Ihrer Organisation.";
    weak_short: "A password has at least {} characters.", "Ein Passwort hat mindestens {} Zeichen.";
    weak_stolen: "This password is among those that were stolen from others and published. Take another one.",
        "Dieses Passwort ist unter denen, die anderswo gestohlen und veröffentlicht wurden. Nehmen Sie ein anderes.";
    weak_uniform: "A password has {} of: lower case, upper case, digits, other characters.",
        "Ein Passwort hat {} von: Kleinbuchstaben, Großbuchstaben, Ziffern, andere Zeichen.";
    weak_used: "You had this password not long ago: take another one.",
        "Dieses Passwort hatten Sie vor nicht langer Zeit: Nehmen Sie ein anderes.";
    which_tenant: "Several organizations know this account. Which one do you mean? Enter your password again.",
        "Mehrere Organisationen kennen dieses Konto. Welche meinen Sie? Geben Sie Ihr Passwort noch einmal ein.";
    withdraw: "Remove device", "Gerät entfernen";
    wrong_code: "The code does not fit, or was used before.", "Der Code passt nicht oder wurde schon verwendet.";
    wrong_password: "This is not your current password.", "Das ist nicht Ihr aktuelles Passwort.";
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
