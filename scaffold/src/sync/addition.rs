//! Adds a handler to a template: its function, the queue of its events, and its event.

use std::path::Path;
use std::time::Duration;

use super::authorizers::{command, free_resource, is_image, new_function};
use super::code::{FunctionTriggers, HandlerTrigger};
use super::compare::{Remark, Synchronized, synchronize_function};
use super::document::Map;
use super::edit::{Editor, Refusal};
use super::events::{self, EventKind};
use super::source::Source;
use super::trigger::Trigger;
use super::value::NewValue;
use crate::sam::Application;
use crate::term::error::{Error, Result};

/// The number of times that a message is received before it moves to the dead-letter queue.
const MAX_RECEIVE_COUNT: &str = "3";

/// The time that a message stays in the dead-letter queue, in seconds: the longest one, 14 days.
const RETENTION: &str = "1209600";

/// The visibility timeout of a queue, in timeouts of its function, as AWS recommends: so Lambda can try again if it
/// has too many invocations.
const VISIBILITY: u32 = 6;

/// A handler that a template does not have yet.
#[derive(Debug)]
pub(crate) struct Addition<'a> {
    pub(crate) handler: &'a str,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) function: AdditionFunction<'a>,
    /// The functions whose `Handler` must name the handler that they have run so far, and its name.
    pub(crate) named: (Vec<&'a str>, &'a str),
    pub(crate) queue: Option<NewQueue<'a>>,
}

/// The function of a new handler.
#[derive(Debug)]
pub(crate) enum AdditionFunction<'a> {
    /// A function that the template has.
    Known(&'a str),
    /// A new one after another that runs the same program, with the value of its `Handler`.
    Like(&'a str, &'a str),
}

/// A queue to add, with a dead-letter queue.
#[derive(Debug)]
pub(crate) struct NewQueue<'a> {
    pub(crate) name: &'a str,
    pub(crate) dead_letters: &'a str,
}

/// A source to add for a function whose code does not name one.
#[derive(Debug)]
pub(crate) struct NewSource<'a> {
    /// The argument of `#[lambda_handler]` for it.
    pub(crate) kind: &'a str,
    /// The name of its resource.
    pub(crate) name: &'a str,
    /// The start of the names of other resources.
    pub(crate) stem: &'a str,
    /// The function returns the records that failed.
    pub(crate) reports_failures: bool,
}

/// A template with a new handler.
#[derive(Debug)]
pub(crate) struct Added {
    pub(crate) text: String,
    /// The function that runs the handler.
    pub(crate) function: String,
    pub(crate) remarks: Vec<Remark>,
    /// The template has no API, and none may be added.
    pub(crate) is_without_api: bool,
}

/// Edits the text of the template at `path`. `new_api` is the kind of API that SAM may add for a route if the template
/// has none.
pub(crate) fn add(
    text: &str,
    path: &Path,
    addition: &Addition<'_>,
    new_api: Option<EventKind>,
) -> Result<Added> {
    let refused = |why: Refusal| {
        Error::new(format!("cannot edit `{}`: {why}", path.display()))
            .hint("write the handler and its function by hand: `docs/routes.md` of lambda-native has examples")
            .in_file(path.to_owned())
    };
    let mut editor = Editor::new(text).map_err(refused)?;
    let names = addition.queue.iter().flat_map(|queue| [queue.name, queue.dead_letters]);
    for name in names {
        if editor.root().find(&["Resources", name]).is_some() {
            return Err(Error::new(format!("the template has `{name}` already")).hint(
                "choose another name, or write a handler with `sqs = \"NAME\"` for that queue",
            ));
        }
    }
    let function = add_resources(&mut editor, path, addition).map_err(refused)?;
    let Some(trigger) = &addition.trigger else {
        let text = editor.text().to_owned();
        return Ok(Added { text, function, remarks: Vec::new(), is_without_api: false });
    };
    let application = Application::parse(editor.text(), path)?;
    let resource = editor.root().find(&["Resources", &function]);
    let remembered = resource.map(events::remembered).unwrap_or_default().into_iter();
    // The events of the other handlers stay as they are.
    let triggers = remembered.map(|(handler, trigger)| HandlerTrigger { handler, trigger });
    let new = HandlerTrigger { handler: addition.handler.to_owned(), trigger: trigger.clone() };
    let code = FunctionTriggers {
        function: function.clone(),
        triggers: triggers.chain([new]).collect(),
        authorized: Vec::new(),
        authorizers: Vec::new(),
        has_other_handlers: true,
        shared_with: Vec::new(),
        unreachable: Vec::new(),
    };
    let mut result = Synchronized::default();
    let editor = synchronize_function(editor, path, &application, &code, new_api, &mut result)?;
    let is_added = result.changes.iter().any(|change| change.to.as_ref() == Some(trigger));
    if let Some(Remark { message, hint }) =
        result.remaining.into_iter().next().filter(|_| !is_added)
    {
        return Err(Error::new(message).hint(hint).in_file(path.to_owned()));
    }
    Ok(Added {
        text: editor.text().to_owned(),
        function,
        remarks: result.remarks,
        is_without_api: !result.without_api.is_empty(),
    })
}

/// Adds a source of events to a function of a template, and the resource of the source. The event is not remembered as
/// one of the code, so `scaffold sync` keeps it.
pub(crate) fn add_source(
    text: &str,
    path: &Path,
    function: &str,
    new: &NewSource<'_>,
) -> Result<String> {
    let refused =
        |why: Refusal| Error::new(format!("cannot add a source to `{}`: {why}", path.display()));
    let source = Source::named(new.kind, new.name)
        .ok_or_else(|| Error::new(format!("`{}` is not a kind of source", new.kind)))?;
    let mut editor = Editor::new(text).map_err(refused)?;
    if new.kind == "sqs" {
        let application = Application::parse(text, path)?;
        let mut functions = application.functions.iter();
        let timeout = functions.find(|it| it.name == function).map(|it| it.timeout);
        let dead_letters = format!("{}DeadLetterQueue", new.stem);
        let queue = NewQueue { name: new.name, dead_letters: &dead_letters };
        add_queue(&mut editor, &queue, timeout.unwrap_or_default()).map_err(refused)?;
    } else if let Some(resource) = source.resource() {
        let resource = vec![(new.name.to_owned(), resource)];
        editor.append(&["Resources"], resource).map_err(refused)?;
    }
    let event = source.event(editor.root(), new.reports_failures);
    let event = event.map_err(|(message, hint)| Error::new(message).hint(hint))?;
    let events = NewValue::Map(vec![(new.name.to_owned(), event)]);
    let properties = ["Resources", function, "Properties"];
    editor.append(&properties, vec![("Events".to_owned(), events)]).map_err(refused)?;
    Ok(editor.text().to_owned())
}

/// Adds what the event needs, and returns the name of the function.
fn add_resources(
    editor: &mut Editor,
    path: &Path,
    addition: &Addition<'_>,
) -> std::result::Result<String, Refusal> {
    let (functions, handler) = &addition.named;
    for function in functions {
        name_handler(editor, function, handler)?;
    }
    let function = match addition.function {
        AdditionFunction::Known(function) => function.to_owned(),
        AdditionFunction::Like(like, handler) => {
            let resource = editor.root().find(&["Resources", like]);
            let resource = resource.ok_or_else(|| format!("it has no `{like}`"))?;
            let new = new_function(resource, editor.text(), handler)?;
            let name = free_resource(editor.root(), addition.handler);
            editor.append(&["Resources"], vec![(name.clone(), new)])?;
            name
        }
    };
    if let Some(queue) = &addition.queue {
        let application = Application::parse(editor.text(), path).ok();
        let timeout = application.as_ref().and_then(|application| {
            application.functions.iter().find(|it| it.name == function).map(|it| it.timeout)
        });
        add_queue(editor, queue, timeout.unwrap_or_default())?;
    }
    Ok(function)
}

/// Sets the `Handler` of a function, or the `Command` of an image.
fn name_handler(
    editor: &mut Editor,
    function: &str,
    handler: &str,
) -> std::result::Result<(), Refusal> {
    let properties = ["Resources", function, "Properties"];
    let [resources, function, properties_key] = properties;
    if editor.root().find(&properties).is_some_and(is_image) {
        let settings = [resources, function, properties_key, "ImageConfig"];
        let path = [resources, function, properties_key, "ImageConfig", "Command"];
        if editor.root().find(&path).is_some() {
            return editor.replace(&path, &command(handler));
        }
        return editor.append(&settings, vec![("Command".to_owned(), command(handler))]);
    }
    let path = [resources, function, properties_key, "Handler"];
    if editor.root().find(&path).is_some() {
        return editor.set(&path, handler);
    }
    editor.append(&properties, vec![("Handler".to_owned(), NewValue::text(handler))])
}

fn add_queue(
    editor: &mut Editor,
    NewQueue { name, dead_letters }: &NewQueue<'_>,
    timeout: Duration,
) -> std::result::Result<(), Refusal> {
    let number = |text: &str| NewValue::Source(text.to_owned());
    let map = |entries: Vec<(&str, NewValue)>| {
        NewValue::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let queue = |properties| {
        map(vec![("Type", NewValue::text("AWS::SQS::Queue")), ("Properties", properties)])
    };
    let arn = if editor.root().map().is_some_and(Map::is_json) {
        let arn = vec![NewValue::text(*dead_letters), NewValue::text("Arn")];
        map(vec![("Fn::GetAtt", NewValue::List(arn))])
    } else {
        NewValue::Source(format!("!GetAtt {dead_letters}.Arn"))
    };
    let visibility = (timeout * VISIBILITY).as_secs().to_string();
    let redrive =
        map(vec![("deadLetterTargetArn", arn), ("maxReceiveCount", number(MAX_RECEIVE_COUNT))]);
    let properties =
        map(vec![("VisibilityTimeout", number(&visibility)), ("RedrivePolicy", redrive)]);
    let retention = map(vec![("MessageRetentionPeriod", number(RETENTION))]);
    editor.append(
        &["Resources"],
        vec![
            ((*name).to_owned(), queue(properties)),
            ((*dead_letters).to_owned(), queue(retention)),
        ],
    )
}
