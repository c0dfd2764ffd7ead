from matplotlib import pyplot as plt

from deepmedia.lessons.cnn.convolution.figures import draw_slides


def columns(axis, gid):
    return sorted({int(patch.get_x() // 1) for patch in axis.patches if patch.get_gid() == gid})


def test_the_kernel_lies_where_a_hand_would_put_it():
    figure = draw_slides()
    # columns of the pixels under the first place, and under the next; padding on the left is column -1
    by_hand = [([0, 1, 2], [1, 2, 3]), ([-1, 0, 1], [1, 2, 3]), ([0, 2, 4], [1, 3, 5])]
    assert [(columns(axis, "first"), columns(axis, "second")) for axis in figure.axes] == by_hand
    # (7 - 3) + 1; 7 / 2, rounded up; (7 - 5) + 1
    assert [axis.get_title()[-5:] for axis in figure.axes] == ["5 × 5", "4 × 4", "3 × 3"]
    plt.close(figure)
