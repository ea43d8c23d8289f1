//! Other code that calls a handler, above all tests: it gives the event and the context by themselves.

use syn::spanned::Spanned;
use syn::visit::{Visit, visit_block, visit_expr_call, visit_item_fn};
use syn::{Block, Expr, ExprCall, ItemFn, Local, Member, Pat, Stmt};

use super::code::{Code, Edit};
use super::event::parts_of_new;
use super::functions::EventFunctions;
use super::problem::Problems;
use super::uses::uses;

struct Callers<'c> {
    code: &'c Code,
    event_functions: &'c EventFunctions<'c>,
    /// The blocks around the current expression.
    blocks: Vec<&'c Block>,
    edits: Vec<Edit>,
    problems: &'c mut Problems,
}

/// Edits the calls of the functions that take an event, outside of these functions and of `main`.
pub(super) fn edit(
    code: &Code,
    event_functions: &EventFunctions<'_>,
    problems: &mut Problems,
) -> Vec<Edit> {
    let blocks = Vec::new();
    let mut callers = Callers { code, event_functions, blocks, edits: Vec::new(), problems };
    callers.visit_file(code.source.file());
    callers.edits
}

impl<'c> Visit<'c> for Callers<'c> {
    fn visit_item_fn(&mut self, function: &'c ItemFn) {
        let name = function.sig.ident.to_string();
        let is_root = self.blocks.is_empty() && name == "main";
        if !is_root && !self.event_functions.contains_key(&name) {
            visit_item_fn(self, function);
        }
    }

    fn visit_block(&mut self, block: &'c Block) {
        self.blocks.push(block);
        self.contexts(block);
        visit_block(self, block);
        self.blocks.pop();
    }

    fn visit_expr_call(&mut self, call: &'c ExprCall) {
        if let Expr::Path(path) = &*call.func
            && let Some(name) = path.path.segments.last()
            && let Some(event_function) = self.event_functions.get(&name.ident.to_string())
            && let Some(argument) = call.args.iter().nth(event_function.index)
        {
            self.argument(argument, event_function.takes_context);
        }
        visit_expr_call(self, call);
    }
}

impl<'c> Callers<'c> {
    fn text(&self, expression: &Expr) -> String {
        self.code.text(self.code.source.range(expression.span())).to_owned()
    }

    /// Edits the argument that is a `LambdaEvent`.
    fn argument(&mut self, argument: &'c Expr, takes_context: bool) {
        let range = self.code.source.range(argument.span());
        let context =
            |text: String| if takes_context { format!(", &{text}") } else { String::new() };
        if let Some((payload, parts)) = parts_of_new(argument) {
            let new = self.text(payload) + &*context(self.text(parts));
            self.edits.push((range, new));
            return;
        }
        let made = match argument {
            Expr::Path(path) => path.path.get_ident().and_then(|name| {
                let name = name.to_string();
                let (local, payload, parts) = self.declaration(&name)?;
                Some((name, local, payload, parts))
            }),
            _ => None,
        };
        let Some((name, local, payload, parts)) = made else {
            let message = "the event of this call is not made by `LambdaEvent` in the same block";
            let hint = "pass the event and `&Context` by themselves after the conversion";
            self.problems.add(self.code, range.start, message, hint);
            return;
        };
        let statement = self.code.source.range(local.span());
        let is_name = |expression: &Expr| matches!(expression, Expr::Path(path) if path.path.get_ident().is_some());
        let parts = context(self.text(parts));
        if is_name(payload) {
            self.edits.push((self.code.whole_lines(statement), String::new()));
            self.edits.push((range, self.text(payload) + &*parts));
        } else if let Some(init) = &local.init {
            let init = self.code.source.range(init.expr.span());
            let inner = self.code.source.range(payload.span());
            self.edits.push((init.start..inner.start, String::new()));
            self.edits.push((inner.end..init.end, String::new()));
            self.edits.push((range, name + &*parts));
        }
    }

    /// Finds `let name = LambdaEvent { … };`, which only this call uses.
    fn declaration(&self, name: &str) -> Option<(&'c Local, &'c Expr, &'c Expr)> {
        for block in self.blocks.iter().rev() {
            for statement in &block.stmts {
                let Stmt::Local(local) = statement else { continue };
                let (Pat::Ident(pattern), Some(init)) = (&local.pat, &local.init) else { continue };
                if pattern.ident != name {
                    continue;
                }
                let (payload, context) = parts_of_new(&init.expr)?;
                let end = self.code.source.range(block.span()).end;
                let rest = self.code.source.range(local.span()).end..end;
                let count = uses(self.code.tokens_in(&rest), name).count();
                return (count == 1).then_some((local, payload, context));
            }
        }
        None
    }

    /// Edits `let mut context = Context::default(); context.request_id = …;`.
    fn contexts(&mut self, block: &'c Block) {
        for (index, statement) in block.stmts.iter().enumerate() {
            let Stmt::Local(local) = statement else { continue };
            let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) else { continue };
            if self.text(&init.expr) != "Context::default()" {
                continue;
            }
            let mut calls = String::new();
            for statement in block.stmts.iter().skip(index + 1) {
                let Stmt::Expr(Expr::Assign(assignment), Some(_)) = statement else { break };
                let Expr::Field(field) = &*assignment.left else { break };
                let Expr::Path(base) = &*field.base else { break };
                let Member::Named(member) = &field.member else { break };
                if !base.path.is_ident(&name.ident) {
                    break;
                }
                let range = self.code.source.range(statement.span());
                let builder = match member.to_string().as_str() {
                    "request_id" => "request_id",
                    "invoked_function_arn" => "invoked_function_arn",
                    other => {
                        let message = format!("the field `{other}` of a context is not converted");
                        let hint = "use `lambda_native::testing::ContextBuilder`";
                        self.problems.add(self.code, range.start, message, hint);
                        continue;
                    }
                };
                calls.extend([".", builder, "(", &*self.text(&assignment.right), ")"]);
                self.edits.push((self.code.whole_lines(range), String::new()));
            }
            if calls.is_empty() {
                continue;
            }
            let new = format!(
                "let {} = lambda_native::testing::ContextBuilder::new(){calls}.build();",
                name.ident
            );
            self.edits.push((self.code.source.range(local.span()), new));
        }
    }
}
