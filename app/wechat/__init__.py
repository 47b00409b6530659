"""All that knows WeChat. Others use the gateway's words."""
