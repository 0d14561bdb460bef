//! What a program is called by the people who use it, from what it says of itself (RFC 9110 §10.1.5).

/// Signs of browsers. Each says the name of those that come after it here too, so the order decides.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("AppleWebKit/", "A browser"),
];

/// Signs of systems; Android says that it is Linux too.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The name of a program that does not say what it is.
const UNKNOWN: &str = "Unknown device";
/// Letters that are kept of a program's own name.
const LONGEST: usize = 40;

/// A name for the program that calls itself `user_agent`. It goes into mails: nothing in it can be taken for a link.
pub(super) fn name(user_agent: Option<&str>) -> String {
    let agent = user_agent.unwrap_or_default();
    let find = |signs: &[(&str, &'static str)]| {
        signs.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => own_name(agent).unwrap_or_else(|| UNKNOWN.to_owned()),
    }
}

/// The first word, without its version: `curl` of `curl/8.5.0`.
fn own_name(agent: &str) -> Option<String> {
    let first = agent.split(['/', ' ']).next()?;
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
    let name: String = first.chars().filter(plain).take(LONGEST).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_called_as_its_user_calls_it() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                &format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36"),
                "Chrome on Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
                ),
                "Edge on Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Linux; Android 15; Pixel 9) {webkit} Chrome/140.0 Mobile Safari/537.36"
                ),
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148",
                "Chrome on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("python-requests/2.32.3", "python-requests"),
            ("", UNKNOWN),
            ("https://evil.example/ click here", "https"),
            ("evil.example", "evilexample"),
            ("<b>", "b"),
            ("日本語", UNKNOWN),
        ] {
            assert_eq!(name(Some(agent)), expected, "{agent}");
        }
        assert_eq!(name(None), UNKNOWN);
        assert_eq!(name(Some(&"x".repeat(1_000))).len(), LONGEST);
    }
}
