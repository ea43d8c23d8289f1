//! The scripts of a template: programs in Rhai. They are parsed here, not run.

use rhai::{ASTNode, Engine, Expr, FnCallExpr, OptimizationLevel, Stmt};

/// The commands that a script starts with `system::command`, as far as they are constants; `…` stands
/// for the rest.
pub(crate) fn commands(script: &str) -> Vec<String> {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    let mut commands = Vec::new();
    // A script with a syntax error does not run.
    let Ok(script) = engine.compile(script) else { return commands };
    script.walk(&mut |nodes: &[ASTNode<'_>]| {
        let Some(ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(Expr::FnCall(call, _))) =
            nodes.last()
        else {
            return true;
        };
        if call.name == "command" {
            commands.push(spell(call));
        }
        true
    });
    commands
}

fn spell(call: &FnCallExpr) -> String {
    call.args.iter().flat_map(words).collect::<Vec<_>>().join(" ")
}

fn words(argument: &Expr) -> Vec<String> {
    match argument {
        Expr::Array(items, _) => items.iter().flat_map(words).collect(),
        Expr::StringConstant(text, _) => vec![text.to_string()],
        _ => vec!["…".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_commands_of_a_script() {
        let script = r#"
            let folder = "x";
            fn fetch() { system::command("curl", ["-O", variable::get("url")]) }
            if folder.len() > 0 { system::command("rm -rf", ["--", folder, `${folder}`]); }
            let version = system::command("rustc --version");
            // system::command("in a comment")
            print("system::command(\"in a string\")");
        "#;
        let expected = ["rm -rf -- … …", "rustc --version", "curl -O …"];
        assert_eq!(commands(script), expected);
        assert_eq!(commands("this is not a script"), Vec::<String>::new());
    }
}
