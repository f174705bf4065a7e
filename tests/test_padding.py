"""Masks and last states of padded batches, against loops over sentences."""

import torch

from reading_neurons.padding import last_state, mask_padding, real_positions, whole

LENGTHS = torch.tensor([3, 1, 4])


def states():
    return torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0))


def test_each_sentence_keeps_its_own_positions():
    masked, last, real = mask_padding(states(), LENGTHS), last_state(states(), LENGTHS), real_positions(LENGTHS, 4)
    for row, length in enumerate(LENGTHS.tolist()):
        assert torch.equal(masked[row, :length], states()[row, :length]) and not masked[row, length:].any()
        assert torch.equal(last[row], states()[row, length - 1])
        assert real[row].tolist() == [place < length for place in range(4)]


def test_without_lengths_every_position_is_real():
    found = states()
    assert mask_padding(found, None) is found
    assert torch.equal(last_state(found, None), found[:, 3])
    assert whole(found, None).tolist() == [4, 4, 4] and whole(found, LENGTHS) is LENGTHS
