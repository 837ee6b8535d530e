//! Graphviz: the graph of f and its derivatives, from inputs to outputs, every shared part once.

use expr::{Form, Node};

use super::Caption;
use super::text::labels;
use symbolic::Derivatives;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

pub(super) fn dot(derivatives: &Derivatives, caption: Caption<'_>) -> String {
    let f = &derivatives.function;
    let graph = f.graph();
    let inputs = f.input_names();
    let mut out = format!("digraph {} {{\n", quoted(caption.name));
    out += "  rankdir=BT;\n  node [shape=ellipse, fontname=\"sans-serif\"];\n  edge [arrowsize=0.7];\n";
    for id in graph.ids() {
        let k = id.index();
        let (label, shape) = match graph.node(id) {
            Node::Const(constant) => (graph.constant(constant).to_string(), "plaintext"),
            Node::Input(block, offset) => (inputs[f.position(block, offset)].clone(), "box"),
            Node::Fold(fold, _) => (fold.name().to_owned(), "ellipse"),
            node => {
                let op = node.op().expect("the function is flat");
                let sign = match op.form() {
                    Form::Prefix(sign, _) | Form::Infix(sign, _) => sign,
                    Form::Call => op.name(),
                };
                (sign.to_owned(), "ellipse")
            }
        };
        out += &format!("  n{k} [label={}, shape={shape}];\n", quoted(&label));
        let children = graph.children(id);
        // Where the order of arguments matters, edges say which is which.
        let ordered =
            !matches!(label.as_str(), "+" | "*") && graph.node(id).op().is_some() && children.len() > 1;
        for (place, child) in children.iter().enumerate() {
            let place = if ordered {
                format!(" [headlabel={}, labelfontsize=9]", quoted(&(place + 1).to_string()))
            } else {
                String::new()
            };
            out += &format!("  n{} -> n{k}{place};\n", child.index());
        }
    }
    let mut names: Vec<String> = match derivatives.outputs {
        1 => vec![caption.name.to_owned()],
        many => (1..=many).map(|k| format!("{}{k}", caption.name)).collect(),
    };
    for order in 1..=derivatives.order {
        names.extend(labels(&Derivatives { order, ..derivatives.clone() }, caption.name));
    }
    for (k, (name, output)) in names.iter().zip(f.outputs()).enumerate() {
        let style = if k < derivatives.outputs { "bold" } else { "filled" };
        out += &format!(
            "  o{k} [label={}, shape=box, style=\"rounded,{style}\", fillcolor=\"#dbe9f6\"];\n",
            quoted(name)
        );
        out += &format!("  n{} -> o{k};\n", output.index());
    }
    out + "}\n"
}
