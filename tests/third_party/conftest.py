"""The projects below are other people's: they are installed and run by the tests here, not collected."""

collect_ignore_glob = ["acme_hub/*"]
