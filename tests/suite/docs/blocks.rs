//! Fenced blocks of Markdown (<https://spec.commonmark.org/0.31.2/#fenced-code-blocks>), as far as the documentation uses them.

/// A fenced block.
pub struct Block {
    /// What stands behind the opening fence.
    pub info: String,
    /// Its lines, without the fence's indentation.
    pub text: String,
    /// The line of the opening fence.
    pub line: usize,
}

/// The blocks of a page, in order.
pub fn of(name: &str, markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, usize)> = None;
    for (number, line) in (1..).zip(markdown.lines()) {
        let fence = line.trim_start().strip_prefix("```");
        open = match (open, fence) {
            (None, Some(info)) => {
                let block = Block { info: info.trim().to_owned(), text: String::new(), line: number };
                Some((block, line.len() - line.trim_start().len()))
            }
            (Some((block, _)), Some("")) => {
                blocks.push(block);
                None
            }
            (Some((mut block, indent)), _) => {
                block.text.push_str(line.get(indent..).unwrap_or_default());
                block.text.push('\n');
                Some((block, indent))
            }
            (None, None) => None,
        };
    }
    assert!(open.is_none(), "{name}: a block is not closed");
    blocks
}

/// The lines of a page that are in no block.
pub fn prose(markdown: &str) -> Vec<&str> {
    let mut is_block = false;
    let mut lines = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            lines.push(line);
        }
    }
    lines
}
