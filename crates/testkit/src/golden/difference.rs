/// How many equal lines are shown around a difference.
const AROUND: usize = 2;

/// The lines in which two texts differ, and some around them.
pub(super) fn difference(expected: &str, came: &str) -> String {
    let (expected, came): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), came.lines().collect());
    // The longest common rest from each pair of lines on.
    let mut common = vec![vec![0_usize; came.len() + 1]; expected.len() + 1];
    for (at, line) in expected.iter().enumerate().rev() {
        for (other_at, other) in came.iter().enumerate().rev() {
            common[at][other_at] = match line == other {
                true => common[at + 1][other_at + 1] + 1,
                false => common[at + 1][other_at].max(common[at][other_at + 1]),
            };
        }
    }
    let (mut lines, mut at, mut other) = (Vec::new(), 0, 0);
    while at < expected.len() || other < came.len() {
        if at < expected.len() && other < came.len() && expected[at] == came[other] {
            lines.push((' ', expected[at]));
            (at, other) = (at + 1, other + 1);
        } else if other == came.len() || (at < expected.len() && common[at + 1][other] >= common[at][other + 1]) {
            lines.push(('-', expected[at]));
            at += 1;
        } else {
            lines.push(('+', came[other]));
            other += 1;
        }
    }
    let differs: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].0 != ' ').collect();
    let shown = lines.iter().enumerate().filter(|(at, _)| differs.iter().any(|other| at.abs_diff(*other) <= AROUND));
    shown.map(|(_, (mark, line))| format!("{mark} {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_its_surroundings() {
        let expected = "a\nb\nc\nd\ne\nf\ng";
        assert_eq!(difference(expected, "a\nb\nc\nX\ne\nf\ng"), "  b\n  c\n- d\n+ X\n  e\n  f\n");
        assert_eq!(difference(expected, "b\nc\nd\ne\nf\ng\nh"), "- a\n  b\n  c\n  f\n  g\n+ h\n");
        assert_eq!(difference(expected, expected), "");
    }
}
