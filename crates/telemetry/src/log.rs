//! Starts the log: to standard error, as JSON or for people.

use std::io::{self, IsTerminal as _};
use std::panic;

use opentelemetry_otlp::ExporterBuildError;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt as _};

use crate::trace::Traces;

/// Libraries that tell of each step of their own start: warnings are enough, unless the level names them.
const QUIET: &str = "actix_server=warn,graphile_worker=warn,graphile_worker_migrations=warn";

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people, with colours on a terminal.
    Pretty,
    /// For people on a terminal, JSON elsewhere.
    Auto,
}

/// Why the log couldn't be started.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A level that is none.
    #[error("the level of the log is wrong: `info` would be right, or `info,elder_scim=debug`")]
    Level(#[from] ParseError),
    /// Where traces go cannot be called.
    #[error("traces cannot be sent to `traces.otlp_endpoint`: {0}")]
    Traces(#[from] ExporterBuildError),
    /// The process has a log already.
    #[error("the log was started before")]
    Started(#[from] TryInitError),
}

/// Starts the log of the process, lets panics go through it, and sends traces if they are wanted.
///
/// # Errors
/// [`InitError`] for a wrong `level` or endpoint, or when called twice.
pub fn init(level: &str, format: Format, traces: Option<&Traces>) -> Result<(), InitError> {
    let json = match format {
        Format::Json => true,
        Format::Pretty => false,
        Format::Auto => !io::stderr().is_terminal(),
    };
    let traces = traces.map(crate::trace::layer).transpose()?;
    tracing_subscriber::registry().with(layer(level, json, io::stderr)?).with(traces).try_init()?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn layer<W>(level: &str, json: bool, writer: W) -> Result<impl Layer<Registry>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(format!("{QUIET},{level}"))?;
    let lines = fmt::layer().with_writer(writer);
    Ok(if json {
        lines.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
    } else {
        lines.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed()
    })
}

fn log_panic(info: &panic::PanicHookInfo<'_>) {
    let reason = info.payload_as_str().unwrap_or("no reason given");
    let place = info.location().map(ToString::to_string);
    tracing::error!(reason, place, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// What was written, so that a test can read it.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(level: &str, json: bool, act: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let layer = layer(level, json, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_has_message_fields_and_the_span_around_it() {
        let line = written("info", true, || {
            let _span = tracing::info_span!("request", request_id = "req_1").entered();
            tracing::info!(status = 200, "answered");
            tracing::debug!("too quiet");
        });
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in
            [r#""message":"answered""#, r#""status":200"#, r#""request_id":"req_1""#, r#""level":"INFO""#]
        {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn a_module_can_be_made_louder() {
        let line = written("warn,elder_telemetry=debug", false, || {
            tracing::debug!("heard");
            tracing::info!(target: "other", "not heard");
        });
        assert!(line.contains("heard") && !line.contains("not heard"), "{line}");
    }

    #[test]
    fn libraries_tell_of_their_start_only_if_they_are_asked() {
        let start = || tracing::info!(target: "actix_server::builder", "starting 2 workers");
        assert_eq!(written("info", false, start), "");
        assert!(written("info,actix_server=info", false, start).contains("starting 2 workers"));
    }

    #[test]
    fn a_panic_is_one_line_of_the_log() {
        let line = written("info", true, || {
            panic::set_hook(Box::new(log_panic));
            let _ = panic::catch_unwind(|| panic!("out of {}", "luck"));
            drop(panic::take_hook());
        });
        assert!(line.contains(r#""reason":"out of luck""#) && line.contains("log.rs"), "{line}");
    }

    #[test]
    fn a_wrong_level_is_refused_and_a_second_start_too() {
        assert!(matches!(init("elder=louder", Format::Json, None), Err(InitError::Level(_))));
        assert!(init("info", Format::Auto, None).is_ok());
        assert!(matches!(init("info", Format::Pretty, None), Err(InitError::Started(_))));
    }
}
