//! The questions of the README, asked with the keys that stand there.

use super::asked::ASKED;
use super::demo::board;
use super::driver::{COLOUR, Driver};

#[test]
fn every_question_of_the_readme_is_answered_on_the_screen() {
    let board = board();
    for asked in ASKED {
        let text = Driver::on(board.clone(), (120, 36), COLOUR)
            .press(asked.keys)
            .text();
        for words in asked.answer {
            assert!(text.contains(words), "{}: {words}\n{text}", asked.question);
        }
    }
}
