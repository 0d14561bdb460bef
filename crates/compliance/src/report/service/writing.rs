//! Writes a report: rows in pages, as an export of the log is written.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantTx, Worker, work::Housekeeping};
use elder_api_types::TenantId;
use elder_audit::{
    event::{About, Wanted, of_actions},
    file::{self, Begun, Pen, Stopped, WriteError, Written},
};
use elder_kernel::{ComplianceReport as Kind, Id};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    SHELF, cover,
    repository::{self, integrations, people},
};
use crate::{
    framework,
    paper::{self, Cells, Figure, Form},
    report::{
        ComplianceReport, ComplianceReportId,
        rows::{self, Person},
        subject,
    },
};

/// Writes the file of a report that waits for it, from its beginning.
///
/// # Errors
/// [`WriteError`] if it is to be tried again, after a pause.
pub async fn write_report(
    worker: &Worker,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<Written, WriteError> {
    file::write(worker, &SHELF, (tenant, id), |begun, pen| async move {
        let report = repository::shown(&begun.row)?;
        let form = paper::of(report.format);
        let writing = Writing { worker, tenant, report, begun, pen, form, events: 0, figures: Vec::new() };
        writing.write().await
    })
    .await
}

/// One attempt, and how far it has come.
struct Writing<'a> {
    worker: &'a Worker,
    tenant: TenantId,
    report: ComplianceReport,
    begun: Begun,
    pen: Pen<'a, Kind>,
    form: Box<dyn Form>,
    events: i64,
    figures: Vec<Figure>,
}

impl Writing<'_> {
    async fn write(mut self) -> Result<(), Stopped> {
        let (about, scope) = self.about().await?;
        let cover = cover::of(self.tenant, &self.report, &self.begun, scope);
        self.form.begin(&cover, &mut self.pen.rest)?;
        for section in cover.sections {
            self.form.open(section, &mut self.pen.rest)?;
            match section.key {
                "people" => self.people(about.as_ref()).await?,
                "integrations" => self.integrations(about.as_ref()).await?,
                "controls" => self.controls().await?,
                _ => self.events(about.clone()).await?,
            }
        }
        let Self { mut pen, form, figures, events, .. } = self;
        pen.rest = ended(form, figures, std::mem::take(&mut pen.rest)).await?;
        pen.complete(events).await
    }

    /// By the role that sees this tenant alone. Each page has a transaction of its own.
    async fn begin(&self) -> Result<TenantTx<Housekeeping>, DbError> {
        self.worker.job::<Housekeeping>().begin(self.tenant).await
    }

    /// Whom the report is about, and in words.
    async fn about(&self) -> Result<(Option<About>, String), DbError> {
        let tx = self.begin().await?;
        let gone = || "not there any more".to_owned();
        if let Some(user) = self.report.user_id {
            let name = repository::user_name(&tx, self.tenant, user).await?.unwrap_or_else(gone);
            let about = About { people: vec![user], ..About::default() };
            return Ok((Some(about), format!("the user {name} ({user})")));
        }
        if let Some(organization) = self.report.organization_id {
            let name =
                repository::organization_name(&tx, self.tenant, organization).await?.unwrap_or_else(gone);
            let about = repository::within(&tx, self.tenant, organization).await?;
            let words = format!(
                "the organization {name} ({organization}) with those below it, and the people who have a role there now"
            );
            return Ok((Some(about), words));
        }
        Ok((None, cover::WHOLE.to_owned()))
    }

    async fn people(&mut self, about: Option<&About>) -> Result<(), Stopped> {
        let only = about.map(|about| ids(&about.people));
        let mut after = Uuid::nil();
        self.count("Accounts", 0);
        loop {
            let found = {
                let tx = self.begin().await?;
                people::page(&tx, self.tenant, (after, only.clone()), self.report.created_at).await?
            };
            let Some(last) = found.last() else { return Ok(()) };
            after = last.id.uuid();
            let is_all = found.len() < people::PAGE;
            for person in &found {
                self.count_person(person);
            }
            self.add(found.into_iter().map(rows::person_row).collect(), 0).await?;
            if is_all {
                return Ok(());
            }
        }
    }

    fn count_person(&mut self, person: &Person) {
        self.count("Accounts", 1);
        self.count("Of them active", u64::from(person.is_active));
        let has_none = person.is_active && person.factors.is_empty();
        self.count("Active without a second factor", u64::from(has_none));
        let is_admin = person.roles.iter().any(|role| role == "admin of the tenant");
        self.count("Admins of the tenant", u64::from(is_admin));
        self.count("Never signed in", u64::from(person.last_sign_in.is_none()));
    }

    async fn integrations(&mut self, about: Option<&About>) -> Result<(), Stopped> {
        let about = about.map(|about| (ids(&about.people), ids(&about.organizations)));
        let found = {
            let tx = self.begin().await?;
            integrations::find(&tx, self.tenant, about, self.report.created_at).await?
        };
        if found.len() >= usize::try_from(integrations::MOST).unwrap_or(usize::MAX) {
            let why =
                format!("there are {} integrations or more; ask for those of a person", integrations::MOST);
            return Err(Stopped::GivenUp(why));
        }
        for integration in &found {
            let label = format!("Integrations: {}, {}", integration.kind, integration.state);
            self.count(&label, 1);
        }
        self.add(found.into_iter().map(rows::integration_row).collect(), 0).await
    }

    async fn controls(&mut self) -> Result<(), Stopped> {
        let Some(name) = self.report.framework else { return Ok(()) };
        let controls = {
            let tx = self.begin().await?;
            framework::measured(&tx, name).await?
        };
        let framework = &controls.framework;
        for (label, number) in [
            ("Controls that are looked at", framework.controls),
            ("Whose evidence is all there", framework.met),
            ("Whose evidence is there in part", framework.partly),
            ("Whose evidence is not there", framework.not_met),
        ] {
            self.count(label, u64::from(number));
        }
        self.add(controls.controls.iter().flat_map(rows::control_rows).collect(), 50).await
    }

    async fn events(&mut self, about: Option<About>) -> Result<(), Stopped> {
        let (from, to) = (self.report.from, self.report.to);
        let actions = subject::actions(self.report.kind);
        let mut wanted = Wanted { actions, about, after: (from, Uuid::nil()), to };
        self.count("Events of the audit log", 0);
        loop {
            let (found, names) = {
                let tx = self.begin().await?;
                let found = of_actions(&tx, &wanted).await?;
                let people = found.iter().flat_map(|(_, event)| rows::people_in(event)).collect();
                let names = people::names(&tx, self.tenant, people).await?;
                (found, names)
            };
            let Some((_, last)) = found.last() else { return Ok(()) };
            wanted.go_on_behind(last);
            let reached = progress((from, to), last.timestamp);
            let is_all = found.len() < Wanted::PAGE;
            let mut rows = Vec::with_capacity(found.len());
            for (seq, event) in &found {
                // What was sealed after the checkpoint is not in it.
                let Some(seq) = seq.filter(|seq| *seq < self.begun.sealed) else { continue };
                self.count("Events of the audit log", 1);
                self.count(&format!("{}, {}", event.action, event.outcome), 1);
                self.events += 1;
                rows.push(rows::event_row(seq, event, &names));
            }
            self.add(rows, reached).await?;
            if is_all {
                return Ok(());
            }
        }
    }

    async fn add(&mut self, rows: Vec<Cells>, progress: i32) -> Result<(), Stopped> {
        self.form.add(rows, &mut self.pen.rest)?;
        self.pen.keep_full(progress, self.events).await
    }

    /// There are no more labels than actions and outcomes.
    fn count(&mut self, label: &str, number: u64) {
        match self.figures.iter_mut().find(|(known, _)| known == label) {
            Some((_, count)) => *count += number,
            None => self.figures.push((label.to_owned(), number)),
        }
    }
}

fn ids<K: elder_kernel::Kind>(ids: &[Id<K>]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

/// Pages are set when all rows are there, which takes a second or two of a processor: beside what answers requests.
async fn ended(form: Box<dyn Form>, figures: Vec<Figure>, mut out: Vec<u8>) -> Result<Vec<u8>, Stopped> {
    match spawn_blocking(move || form.end(&figures, &mut out).map(|()| out)).await {
        Ok(out) => Ok(out?),
        Err(ended) => Err(DbError::defect(ended).into()),
    }
}

/// How much of the time is written, in percent; the last one is for the end.
fn progress((from, to): (DateTime<Utc>, DateTime<Utc>), reached: DateTime<Utc>) -> i32 {
    let whole = (to - from).num_seconds().max(1);
    let percent = (reached - from).num_seconds().saturating_mul(100) / whole;
    i32::try_from(percent.clamp(0, 99)).unwrap_or(99)
}
