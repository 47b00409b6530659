"""The made-up public account that the product, its peers and the load share."""

TOKEN = "madeuptoken"
APP_ID = "wx0123456789abcdef"
ACCOUNT = "gh_0123456789ab"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
PATH = "/wechat/callback"
