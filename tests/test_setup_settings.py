def test_it_works():
    assert True
