"""storage.oss_region: mounts of another region."""

import pytest

from eas_deploy.rules import check_region


def _oss(endpoint):
    return {"storage": [{"mount_path": "/m", "oss": {"path": "oss://b-1/", "endpoint": endpoint}}]}


def _nfs(server):
    return {"storage": [{"mount_path": "/m", "nfs": {"server": server, "path": "/"}}]}


@pytest.mark.parametrize(
    "host",
    [
        "oss-cn-beijing.aliyuncs.com",
        "oss-cn-beijing-internal.aliyuncs.com",
        "http://oss-cn-beijing-internal.aliyuncs.com:80/",
        "vpc100-oss-cn-beijing.aliyuncs.com",
        "my-bucket.oss-cn-beijing.aliyuncs.com",
        "s3.oss-cn-beijing.aliyuncs.com",
        "cn-beijing-internal.oss-data-acc.aliyuncs.com",
    ],
)
def test_an_oss_endpoint_names_its_region(host):
    assert check_region(_oss(host), "cn-beijing") == []
    (finding,) = check_region(_oss(host), "cn-hangzhou")
    assert (finding.rule, finding.severity, finding.path) == (
        "storage.oss_region",
        "error",
        "storage[0].oss.endpoint",
    )
    assert "cn-beijing" in finding.message


@pytest.mark.parametrize(
    "server",
    [
        "7264341a2b-aws0.ap-southeast-1.nas.aliyuncs.com",
        "0a1b2c3d.ap-southeast-1.extreme.nas.aliyuncs.com",
        "cpfs-0a1b2c3d.ap-southeast-1.cpfs.aliyuncs.com",
    ],
)
def test_a_file_server_names_its_region(server):
    assert check_region(_nfs(server), "ap-southeast-1") == []
    (finding,) = check_region(_nfs(server), "cn-hangzhou")
    assert (finding.rule, finding.path) == ("storage.oss_region", "storage[0].nfs.server")


def test_a_region_with_several_parts_is_read_whole():
    assert check_region(_oss("oss-cn-north-2-gov-1-internal.aliyuncs.com"), "cn-north-2-gov-1") == []
    assert len(check_region(_oss("oss-cn-north-2-gov-1.aliyuncs.com"), "cn-north-2")) == 1


@pytest.mark.parametrize(
    "host", ["oss-accelerate.aliyuncs.com", "oss-accelerate-overseas.aliyuncs.com", "10.0.0.1", "nas", ""]
)
def test_a_host_that_names_no_region_is_let_through(host):
    assert check_region(_oss(host), "cn-hangzhou") == []
    assert check_region(_nfs(host), "cn-hangzhou") == []


def test_a_broken_document_is_no_matter():
    assert check_region({"storage": [None, {"oss": 3}, {"nfs": {"server": 4}}]}, "cn-hangzhou") == []
