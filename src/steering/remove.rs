//! Members of families go for good.

use cogsmith_tasks::{Engine, TaskHandle};
use serde_json::json;

use super::{
    Answer, Steering,
    target::{Target, label},
};
use crate::{
    error::{Result, UserError},
    reply::counted,
};

impl Steering<'_> {
    pub(super) async fn remove(&self, name: &str, confirm: Option<usize>) -> Result<Answer> {
        let target = self.find(name)?;
        self.may_be_removed(&target, confirm)?;
        let count = target.tasks.len();
        let removed = remove_each(self.engine, &target.tasks).await?;
        let change = self.by.did("task remove", &*target.label);
        let note = self.record(change.from(counted(removed, "member"))).await;
        let gone = match count - removed {
            0 => String::new(),
            gone => format!(" {gone} had gone by themselves."),
        };
        let what = match target.is_family {
            true => format!("{} of ", counted(removed, "member")),
            false => String::new(),
        };
        let label = &target.label;
        let text = format!("Deleted with their history: {what}`{label}`.{gone}{note}");
        Ok(Answer::of_facts(&json!({ "name": label, "removed": removed })).said(text))
    }

    fn may_be_removed(&self, target: &Target, confirm: Option<usize>) -> Result<(), UserError> {
        let (name, count) = (&*target.label, target.tasks.len());
        if target.tasks.iter().any(|task| task.scope().is_empty()) {
            return Err(UserError::new(format!(
                "`{name}` belongs to a module, and would be back at the next start. {} stops it for good.",
                self.medium.command("stop", &[("name", name)])
            )));
        }
        if !target.is_family || confirm == Some(count) {
            return Ok(());
        }
        let confirm = [("name", name), ("confirm", &count.to_string())];
        Err(UserError::new(format!(
            "`{name}` has {}, the first being `{}`. To delete them all with their history: {}. Nothing has been \
             deleted.",
            counted(count, "member"),
            label(&target.tasks[0]),
            self.medium.command("remove", &confirm)
        )))
    }
}

async fn remove_each(engine: &Engine, tasks: &[TaskHandle]) -> Result<usize> {
    let mut removed = 0;
    for task in tasks {
        if engine.remove(&task.name(), &task.scope()).await? {
            removed += 1;
        }
    }
    Ok(removed)
}
