"""What keeps unit tests honest."""

import socket

import pytest
from pytest_socket import SocketBlockedError


@pytest.mark.filterwarnings("ignore:A test tried to use socket:UserWarning")
def test_a_unit_test_cannot_open_a_socket() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_a_unit_test_can_open_a_unix_socket() -> None:
    with socket.socket(socket.AF_UNIX) as local:
        assert local.family == socket.AF_UNIX
