from sopr.web.address import client_address


def test_without_proxies_a_forwarded_header_is_not_believed(rf, settings):
    settings.SOPR_PROXIES = 0
    request = rf.get("/", REMOTE_ADDR="10.0.0.5", headers={"X-Forwarded-For": "1.2.3.4"})
    assert client_address(request) == "10.0.0.5"


def test_behind_a_proxy_the_last_hop_counts_and_not_an_invented_one(rf, settings):
    settings.SOPR_PROXIES = 1
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.5"})
    assert client_address(request) == "10.0.0.5"


def test_a_request_past_the_proxy_keeps_its_own_address(rf, settings):
    settings.SOPR_PROXIES = 2
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "6.6.6.6"})
    assert client_address(request) == "10.0.0.9"
