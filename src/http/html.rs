//! HTML templates with places like `{{name}}`. A template is scanned once, so that inserted text is never interpreted.

/// Escapes text for an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(letter),
        }
    }
    html
}

/// Replaces each place by the HTML that `fill` returns for its name.
pub(super) fn render(template: &str, fill: impl Fn(&str) -> String) -> String {
    let mut html = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, place)) = rest.split_once("{{") {
        let Some((name, behind)) = place.split_once("}}") else { break };
        html.push_str(before);
        html.push_str(&fill(name));
        rest = behind;
    }
    html.push_str(rest);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserted_text_is_neither_markup_nor_a_place() {
        let page = render("<p title=\"{{who}}\">{{what}}</p>{{who", |name| match name {
            "who" => escape("\" onclick='x'"),
            _ => escape("<b>{{who}}</b> & co"),
        });
        let wanted = "<p title=\"&quot; onclick=&#39;x&#39;\">&lt;b&gt;{{who}}&lt;/b&gt; &amp; co</p>{{who";
        assert_eq!(page, wanted);
    }
}
