//! Traces for OpenTelemetry: a span for each request, and below it one for each statement. Who does not want them does not
//! pay for them.

use std::{collections::HashMap, sync::OnceLock};

use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{Status, TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Span, Subscriber, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// By which these spans are told from those that are for the log alone.
const TARGET: &str = "elder_trace";

/// There, once traces are sent.
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Where traces go.
#[derive(Debug, Clone)]
pub struct Traces {
    /// The URL that takes them by OTLP over HTTP, as `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: String,
    /// What is sent along as headers.
    pub headers: HashMap<String, String>,
    /// Of a hundred traces so many are sent. Which, is told by the trace's id, so that all services decide alike.
    pub percent: u8,
    /// Elder's version.
    pub version: &'static str,
}

/// Makes the layer that sends them.
pub(crate) fn layer<S>(traces: &Traces) -> Result<impl Layer<S> + use<S>, ExporterBuildError>
where
    S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&traces.endpoint)
        .with_headers(traces.headers.clone())
        .build()?;
    let resource = Resource::builder()
        .with_service_name("elder")
        .with_attribute(KeyValue::new("service.version", traces.version))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        // Not by what the caller has sampled: anybody could have everything sent.
        .with_sampler(Sampler::TraceIdRatioBased(f64::from(traces.percent) / 100.0))
        .build();
    let tracer = provider.tracer("elder");
    let _first = PROVIDER.set(provider);
    let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET);
    Ok(tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_filter(ours))
}

/// Sends what has not been sent yet, and no more from then on. To be called outside of a runtime.
pub fn end_traces() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown()
    {
        tracing::warn!(%error, "the last traces were not sent");
    }
}

/// The span of a request, below the one that its `traceparent` names (W3C Trace Context); none if nobody wants traces.
pub fn request_span(method: &str, path: &str, traceparent: Option<&str>) -> Span {
    if PROVIDER.get().is_none() {
        return Span::none();
    }
    let span = info_span!(
        target: TARGET, "request", trace_id = Empty, otel.kind = "server", http.request.method = method,
        url.path = path
    );
    if let Some(traceparent) = traceparent {
        let above = TraceContextPropagator::new().extract(&Parent(traceparent));
        // It fails where the span was begun already, which this one was not.
        let _set = span.set_parent(above);
    }
    let trace = span.context().span().span_context().trace_id();
    span.record("trace_id", trace.to_string());
    span
}

/// Says of a request's span how it was answered.
pub fn answered(span: &Span, route: &str, method: &str, status: u16, tenant: Option<i32>, request_id: &str) {
    let context = span.context();
    let sent = context.span();
    // It began before its route was known.
    sent.update_name(format!("{method} {route}"));
    sent.set_attribute(KeyValue::new("http.route", route.to_owned()));
    sent.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
    sent.set_attribute(KeyValue::new("elder.request_id", request_id.to_owned()));
    if let Some(tenant) = tenant {
        sent.set_attribute(KeyValue::new("elder.tenant_id", i64::from(tenant)));
    }
    if status >= 500 {
        sent.set_status(Status::error(""));
    }
}

/// The span of a statement, whose values are not told; none if nobody wants traces.
pub fn statement_span(sql: &str) -> Span {
    if PROVIDER.get().is_none() {
        return Span::none();
    }
    let operation = sql.trim_start().split(char::is_whitespace).next().unwrap_or_default();
    info_span!(
        target: TARGET, "statement", otel.name = operation, otel.kind = "client", db.system.name = "postgresql",
        db.query.text = sql
    )
}

/// The span of a call to another server: whom, and how. Its path, query and body are not told, since URLs that people
/// configure hold secrets. None if nobody wants traces.
pub fn call_span(name: &str, method: Option<&str>, host: &str, port: Option<u16>) -> Span {
    if PROVIDER.get().is_none() {
        return Span::none();
    }
    info_span!(
        target: TARGET, "call", otel.name = name, otel.kind = "client", http.request.method = method,
        server.address = host, server.port = port, http.response.status_code = Empty,
        "error.type" = Empty, otel.status_code = Empty
    )
}

/// Says of a call's span how it ended: the status that was answered, or why there is no answer.
pub fn called(span: &Span, outcome: Result<u16, &str>) {
    let error = match outcome {
        Ok(status) => {
            span.record("http.response.status_code", status);
            (status >= 400).then(|| status.to_string())
        }
        Err(code) => Some(code.to_owned()),
    };
    if let Some(error) = error {
        span.record("error.type", error.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// By what another server knows that a call belongs to this span (W3C Trace Context §3.2); none outside of a trace.
pub fn traceparent(span: &Span) -> Option<String> {
    let context = span.context();
    let sent = context.span();
    let known = sent.span_context();
    let flags = known.trace_flags().to_u8();
    known.is_valid().then(|| format!("00-{}-{}-{flags:02x}", known.trace_id(), known.span_id()))
}

/// The one header.
struct Parent<'a>(&'a str);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
