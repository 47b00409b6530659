// Builds static/vendor/ and app/regions.json from the packages that `npm ci` installed.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { areaList } from "@vant/area-data";

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

mkdirSync("static/vendor", { recursive: true });
copyFileSync("node_modules/weui/dist/style/weui.min.css", "static/vendor/weui.min.css");

// The package is a CommonJS wrapper of WeChat's script; a browser has no `module`, so give it one.
const sdk = readFileSync("node_modules/weixin-js-sdk/index.js", "utf8");
writeFileSync("static/vendor/jweixin.js", `(function(){var module={exports:{}};${sdk};window.wx=window.wx||module.exports;})();\n`);

// One flat list of GB/T 2260 codes. The package's city list has rows such as "县" that only group counties; they stay,
// because a county's code begins with theirs.
const { province_list, city_list, county_list } = areaList;
const regions = { revision: `@vant/area-data ${version("@vant/area-data")}`, names: { ...province_list, ...city_list, ...county_list } };
writeFileSync("app/regions.json", JSON.stringify(regions));
