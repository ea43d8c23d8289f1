//! The questions that `scaffold new` asks one after the other, with a way back.

use crate::term::error::{Error, Result};

/// The answers so far. After Escape, the questions are decided again from the first one, and get these
/// answers instead of prompts: what is asked next depends on all answers before it.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    answers: Vec<String>,
    /// The number of questions that this pass has asked.
    asked: usize,
    is_going_back: bool,
}

impl Dialogue {
    /// Returns the earlier answer to this question, or prompts. Escape at the prompt is an error, after
    /// which [`goes_back`](Self::goes_back) tells what to do.
    pub(crate) fn ask(
        &mut self,
        prompt: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<String> {
        if self.asked == self.answers.len() {
            let Some(answer) = prompt()? else {
                self.is_going_back = true;
                return Err(Error::interrupted());
            };
            self.answers.push(answer);
        }
        self.asked += 1;
        Ok(self.answers.get(self.asked - 1).cloned().unwrap_or_default())
    }

    /// The same for a prompt for yes or no.
    pub(crate) fn ask_yes_or_no(
        &mut self,
        prompt: impl FnOnce() -> Result<Option<bool>>,
    ) -> Result<bool> {
        let answer = self.ask(|| Ok(prompt()?.map(|answer| answer.to_string())))?;
        Ok(answer == "true")
    }

    /// Returns whether this pass has asked anything.
    pub(crate) fn has_asked(&self) -> bool {
        self.asked > 0
    }

    /// Starts the next pass without the last answer, if the user went back and there is one.
    pub(crate) fn goes_back(&mut self) -> bool {
        self.asked = 0;
        std::mem::take(&mut self.is_going_back) && self.answers.pop().is_some()
    }
}
