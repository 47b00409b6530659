"""A local WeChat: API, authorize page, pushes, SMS inbox and a phone in the browser. It never imports the product."""
