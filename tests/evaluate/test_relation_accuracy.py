from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dedup.evaluate import Labels, relation_accuracy

RELATIONS = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["original", "reprint", "update"]))
OF = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abc"))


@given(RELATIONS, RELATIONS, OF, OF)
def test_only_what_both_state_counts(
    found: dict[str, str], true: dict[str, str], found_of: dict[str, str], true_of: dict[str, str]
) -> None:
    score = relation_accuracy(
        Labels(story={}, relation=found, of=found_of), Labels(story={}, relation=true, of=true_of)
    )
    both = found.keys() & true.keys()
    assert score.articles == len(both)
    assert score.right == sum(found[article] == true[article] for article in both)
    assert score.accuracy == (score.right / len(both) if both else None)
    assert score.counts == Counter((true[article], found[article]) for article in both)
    assert list(score.counts) == sorted(score.counts)
    both_of = found_of.keys() & true_of.keys()
    assert score.of_articles == len(both_of)
    assert score.of_accuracy == (sum(found_of[a] == true_of[a] for a in both_of) / len(both_of) if both_of else None)
