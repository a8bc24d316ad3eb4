import pytest

from benchmarks.speed.operations import Passes, Shape, counted_passes, matrix_peaks

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("lengths", [[5, 5, 5], [7]])
def test_operations_are_those_that_torch_counts(lengths: list[int]) -> None:
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=40,
        attn_implementation="eager",
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(input_ids=torch.ones(len(lengths), lengths[0], dtype=torch.long))
    assert Shape.of(config.to_dict()).operations(lengths) == counter.get_total_flops()


def test_passes_are_counted_whoever_calls_the_model() -> None:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=10_000, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        pad_token_id=0, max_position_embeddings=16,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    tokens = torch.tensor([[5, 6, 7], [5, 0, 0]])
    with torch.no_grad(), counted_passes() as passes:
        model(input_ids=tokens)
        model.forward(input_ids=tokens[:, :1])
    assert passes.batches == [([3, 1], [3, 3]), ([1, 1], [1, 1])]
    assert (passes.real_tokens, passes.padded_tokens) == (6, 8)
    model(input_ids=tokens)
    assert len(passes.batches) == 2


def test_texts_that_no_batch_pads_are_told_apart_by_how_they_begin() -> None:
    embedding = torch.nn.Embedding(10_000, 2, padding_idx=1)
    with counted_passes() as passes:
        embedding(torch.tensor([5, 6, 7, 5, 5, 1]))
    assert passes.batches == [([3, 1, 2], [3, 1, 2])]
    assert passes.padded_tokens == passes.real_tokens == 6


def test_padding_costs_operations() -> None:
    shape = Shape(layers=1, hidden=2, feed_forward=3)
    real, padded = Passes(batches=[([3, 1], [3, 3])]).operations(shape)
    assert (real, padded) == (shape.operations([3, 1]), shape.operations([3, 3]))
    assert real < padded


def test_peaks_are_rates() -> None:
    peaks = matrix_peaks(Shape(layers=1, hidden=32, feed_forward=64), size=128, tokens=64, repetitions=1)
    assert set(peaks) == {"float32", "bfloat16", "int8"}
    assert peaks["float32"]["square"] > 0
    assert peaks["float32"]["model"] > 0
