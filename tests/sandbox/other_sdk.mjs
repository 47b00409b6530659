// Asks the sandbox through co-wechat-api; prints one JSON object for the test.
import { createRequire } from "node:module";

const require = createRequire(process.env.MODULES);
const API = require("co-wechat-api");
const [base, appId, secret, openid] = process.argv.slice(2);

const api = new API(appId, secret);
api.prefix = `${base}/cgi-bin/`;
api.mpPrefix = `${base}/cgi-bin/`;
api.snsPrefix = `${base}/sns/`;

const menu = { button: [{ type: "click", name: "活动", key: "LIST" }, { name: "更多", sub_button: [{ type: "view", name: "关于", url: "https://example.com/" }] }] };
const result = {};
result.token = (await api.getAccessToken()).accessToken.length > 32;
result.created = (await api.createMenu(menu)).errcode;
result.menu = (await api.getMenu()).menu.button.map((button) => button.name);
result.config = (await api.getMenuConfig()).is_menu_open;
result.user = (await api.getUser(openid)).subscribe;
result.batch = (await api.batchGetUsers([openid])).user_info_list.length;
result.followers = (await api.getFollowers()).data.openid;
const tag = (await api.createTags("志愿者")).tag.id;
await api.batchTagging([openid], tag);
result.tags = (await api.getTags()).tags.map((each) => [each.name, each.count]);
result.tagged = (await api.getIdList(openid)).tagid_list.length;
result.members = (await api.getUsersFromTag(tag, "")).data.openid.length;
result.conditional = (await api.addConditionalMenu({ button: [{ type: "click", name: "发布", key: "P" }], matchrule: { tag_id: String(tag) } })).menuid;
result.matched = (await api.tryConditionalMenu(openid)).button[0].name;
const code = await api.createLimitQRCode(123);
result.picture = (await fetch(api.showQRCodeURL(code.ticket))).headers.get("content-type");
result.ticket = (await api.getTicket()).ticket.length > 20;
result.text = (await api.sendText(openid, "来自另一个 SDK")).errcode;
result.removed = (await api.removeMenu()).errcode;
try {
  await api.getMenu();
} catch (error) {
  result.refusal = error.code;
}
console.log(JSON.stringify(result));
