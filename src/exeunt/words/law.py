"""What clauses say of leaving, in Traditional Chinese: text that the record holds in English.

The record holds them in English, in our own words. Names of treaties and quotations stay as they are.
"""

from __future__ import annotations

from typing import Final

FIELDS: Final[dict[str, str]] = {
    # what holds where the instrument has no clause
    "VCLT art. 56: no withdrawal unless the parties intended to admit it or the nature of the treaty implies it; then at least "
    "twelve months notice":
        "《條約法公約》第56條：除締約方原意容許，或依條約性質得推知外，不得退出；容許者，須至少十二個月前通知",
    "no treaty: VCLT does not apply; a state can only stop taking part or paying":
        "非條約：《條約法公約》不適用，國家僅能停止參與或停止付款",
    "no treaty: VCLT does not apply; a state withdraws its expression of intent to be a member":
        "非條約：《條約法公約》不適用，國家得撤回其參加之意思表示",
    "elected seat in a UN organ: a state can resign or stay away, there is no membership treaty":
        "聯合國機關之選任席位：國家得辭任或不出席，並無會籍條約",
    "organ of the General Assembly: no exit instrument": "聯合國大會之機關：無退出文書",
    "no treaty for contributors; a board seat can be given up at once": "捐助者無條約可循；理事會席位得隨時放棄",
    "no clause; the Court ruled in 2016 (Rwanda) that withdrawal is allowed and takes effect one year after notice":
        "無條款；法院2016年（盧安達）裁定容許退出，並於通知一年後生效",
    "no clause; Human Rights Committee General Comment 26: no withdrawal possible; depositary refused the 1997 notice of the "
    "DPRK without consent of all parties":
        "無條款；人權事務委員會第26號一般性意見：不得退出；保管機關以未得全體締約國同意為由，不接受北韓1997年之通知",
    "no treaty; membership of an enlarged agreement of the Council of Europe": "非條約；為歐洲理事會擴大協定之會籍",
    "political forum: a state stops taking part": "政治論壇：停止參與即可",
    "political movement: a state declares that it leaves": "政治運動：國家宣告退出即可",
    "voluntary association: a member may leave by its own notice": "自願結合：會員得自行通知退出",
    "political body by consensus": "以共識運作之政治機構",
    # conditions
    "notice can be taken back within the year": "該年內得撤回通知",
    "notice can be taken back within the year; no claim to property": "該年內得撤回通知；不得主張財產",
    "extraordinary events that jeopardize supreme interests": "非常事件危及最高利益",
    "notice after 1 January moves the exit to 30 June of the next year; other parties may follow within one month of receiving "
    "the copy": "1月1日以後通知者，退出順延至次年6月30日；其他締約國得於收到副本一個月內隨同退出",
    "all financial obligations fulfilled at that time; no approval of the Conference needed":
        "屆時財務義務均已履行；無須大會同意",
    "all financial obligations of membership fulfilled at that time": "屆時會員之財務義務均已履行",
    "also at any time if a member will not accept an amendment": "會員不接受修正案者，亦得隨時退出",
    "financial obligations for the current fiscal year of WHO met in full": "世界衛生組織本財政年度之財務義務全部履行",
    "a state that ceases to be a member of the Council of Europe ceases to be a party on the same terms (art. 58(3))":
        "喪失歐洲理事會會籍之國家，依同一條件喪失締約國地位（第58條第3項）",
    "the state ceases to belong after it has fulfilled the obligations of the Charter": "國家履行《憲章》義務後，會籍終止",
    "notice may be revoked before the effective date (Court of Justice, Wightman, 2018)":
        "生效日前得撤回通知（歐洲聯盟法院 Wightman 案，2018年）",
    "art. 8: the Committee of Ministers may suspend and ask a member to withdraw, and may end membership from a date it sets":
        "第8條：部長委員會得停止會員權利並請其退出，亦得定期終止其會籍",
    "only once in force; the treaty is not in force, so article IX cannot be used":
        "條約生效後始得為之；條約尚未生效，故第九條無從援用",
    "a conference of the parties 30 to 60 days after the notice": "通知後30日至60日內召開締約國會議",
    "notice also to all parties and the Security Council with full reasons; no effect while the state is engaged in armed "
    "conflict": "並應附完整理由通知全體締約國及安全理事會；該國捲入武裝衝突期間不生效",
    "as in the Mine Ban Convention": "與《禁雷公約》同",
    "a state that leaves the IMF leaves the Bank after three months unless three-fourths of votes agree (art. VI(3))":
        "退出國際貨幣基金之國家，除經四分之三投票權同意外，三個月後喪失世界銀行會籍（第六條第3項）",
    "art. 65: three months for objections; art. 68: a notice may be revoked before it takes effect; art. 70: rights created "
    "before stay": "第65條：三個月異議期；第68條：通知生效前得撤回；第70條：既得權利不受影響",
    # from when it counts
    "not established": "未能查證",
    "not confirmed": "未經確認",
    "no rule": "無規則",
    "no treaty": "非條約",
    "nothing to notify": "無須通知",
    "no rule for other members": "其他成員無規則可循",
    "no rule for leaving a board seat": "放棄理事會席位無規則可循",
    "as TEU art. 50": "依《歐洲聯盟條約》第50條",
    "seat ends with the elected term": "席位隨任期屆滿而終止",
    "membership follows UN membership": "會籍隨聯合國會籍",
    "own declaration, at once": "自行宣告，即時生效",
    "no clause; the US letter of 2005 claimed immediate effect": "無條款；美國2005年之函主張即時生效",
    "no clause; US letter of October 2018": "無條款；美國2018年10月之函",
    "never in force: a signatory can only declare that it will not become a party":
        "從未生效：簽署國僅得宣告無意成為締約國",
    "default rule where a treaty has no clause and withdrawal is intended or implied":
        "條約無條款而原意容許或得推知容許退出時之補充規則",
    "term treaty of 20 years, tacitly extended by ten": "效期20年之條約，默示展延十年",
    "31 December of the year following the year in which notice was given": "通知之次年12月31日",
    "30 June of the year, if notice is given on or before 1 January of the same year": "同年1月1日以前通知者，該年6月30日",
    "end of the year in which the withdrawal is notified": "通知退出之年終了",
    "last day of the fiscal year following the year in which the instrument of denunciation was deposited":
        "交存廢止書之年之次一財政年度末日",
    "end of the financial year, if notice reaches the Director General at least four months before it":
        "通知至少四個月前送達總幹事者，該財政年度終了",
    "end of the financial year if notified in its first nine months, else end of the next":
        "於財政年度前九個月內通知者，該年度終了，否則次一年度終了",
    "first day of the month after three months from receipt": "收到三個月後之次月首日",
    "entry into force of the withdrawal agreement or, failing that, two years after notification, unless extended by unanimity":
        "退出協定生效之日；無協定者，通知後二年，經一致決延長者除外",
    "one year after receipt of the notice": "收到通知一年後",
    "date named in the notice, not less than six months after receipt": "通知所載日期，不得早於收到後六個月",
    "date named in the instrument, at least six months after deposit": "文書所載日期，至少在交存六個月後",
    "date of notification to the depositary; associate members: on notification": "通知保管機關之日；副會員於通知時",
    "formal step within sixty days; trade concessions last two more years": "六十日內完成正式程序；貿易減讓再續二年",
    "rights and duties end on denunciation; trade benefits last five years": "權利義務於廢止時終止；貿易優惠續五年",
    "date the depositary receives the instrument; not before the end of an armed conflict in which the state is engaged at the "
    "end of the six months": "保管機關收到文書之日；六個月期滿時該國捲入武裝衝突者，不早於衝突結束",
    "date the depositary receives the instrument; not before the end of an armed conflict":
        "保管機關收到文書之日；不早於武裝衝突結束",
}  # fmt: skip

WHOM: Final[dict[str, str]] = {
    "depositary": "保管機關", "the depositary": "保管機關", "depositary Government": "保管國政府",
    "the depositary Government": "保管國政府", "a depositary": "任一保管機關", "a depositary and to all parties":
        "任一保管機關及全體締約國",
    "the depositary and all parties": "保管機關及全體締約國", "other parties / depositary": "其他締約國或保管機關",
    "the other party": "他方締約國", "the other parties": "其他締約國", "the other two parties": "其他兩締約國",
    "all parties and the UN Security Council": "全體締約國及聯合國安全理事會",
    "all parties and the Security Council": "全體締約國及安全理事會",
    "all parties, Executive Council, depositary, UN Security Council": "全體締約國、執行理事會、保管機關及聯合國安全理事會",
    "all parties, Executive Council, depositary and Security Council": "全體締約國、執行理事會、保管機關及安全理事會",
    "all parties, OPCW Executive Council, depositary, UN Security Council":
        "全體締約國、禁止化學武器組織執行理事會、保管機關及聯合國安全理事會",
    "the Secretary-General": "秘書長", "the UN Secretary-General": "聯合國秘書長", "the Director-General": "總幹事",
    "the Director General": "總幹事", "the Secretary General": "秘書長", "the General Secretariat": "總秘書處",
    "the Conference": "大會", "the principal office": "總辦事處", "the Secretary General of the OAS": "美洲國家組織秘書長",
    "the Secretary General of the Council of Europe": "歐洲理事會秘書長",
    "Secretary General of the Council of Europe": "歐洲理事會秘書長",
    "the Director General of the International Bureau": "國際事務局局長", "the Chairperson of the Commission": "委員會主席",
    "the Director-General of FAO": "聯合國糧食及農業組織總幹事", "the Administrative Secretary-General": "行政秘書長",
    "the Executive Secretary (Commission)": "執行秘書（委員會）", "the United States": "美國",
    "UN Secretary-General": "聯合國秘書長", "Director-General of UNESCO": "聯合國教科文組織總幹事",
    "Director-General of FAO": "聯合國糧食及農業組織總幹事", "European Council": "歐洲高峰會",
    "African Union Commission": "非洲聯盟委員會", "OAS General Secretariat": "美洲國家組織總秘書處",
    "IUCN Director General": "國際自然保護聯盟總幹事",
    "OPEC Conference (through the Secretariat)": "石油輸出國組織大會（經秘書處）",
    "WHO": "世界衛生組織", "Director-General of the ILO": "國際勞工組織總幹事",
    "Director General of IOM": "國際移民組織總幹事",
    "Director General of the International Bureau (earlier: Swiss Government)": "國際事務局局長（先前為瑞士政府）",
    "Secretary-General of ITU": "國際電信聯盟秘書長", "Secretary-General of WMO": "世界氣象組織秘書長",
    "Director General of WIPO": "世界智慧財產權組織總幹事",
    "Director-General of ICCROM": "國際文化資產保存與修復研究中心總幹事", "World Bank": "世界銀行",
    "ECOWAS Commission": "西非國家經濟共同體委員會", "OAU General Secretariat": "非洲團結組織總秘書處",
    "Chairperson of SADC": "南部非洲發展共同體主席", "Secretary-General of COMESA": "東部和南部非洲共同市場秘書長",
    "ECCAS Secretary-General (Commission)": "中部非洲國家經濟共同體秘書長（委員會）",
    "IGAD Executive Secretary": "政府間發展組織執行秘書",
    "government holding the presidency of the Summit or hosting the next ministerial conference":
        "擔任高峰會主席或主辦下屆部長會議之政府",
    "Council of the League": "國際聯盟行政院", "Secretary General of the OIC": "伊斯蘭合作組織秘書長",
    "Andean Commission": "安地斯委員會", "IMF": "國際貨幣基金", "AfDB principal office": "非洲開發銀行總辦事處",
    "AIIB principal office": "亞洲基礎設施投資銀行總辦事處", "Director-General of the WTO": "世界貿易組織秘書長",
    "Secretary-General of ASEAN": "東南亞國家協會秘書長", "International Coffee Organization": "國際咖啡組織",
    "ICAC Secretariat (Executive Director)": "國際棉業諮詢委員會秘書處（執行長）",
    "Secretary-General of ILZSG": "國際鉛鋅研究小組秘書長", "host country": "地主國",
    "OIV Director General and depositary (France)": "國際葡萄與葡萄酒組織總幹事及保管國（法國）",
    "Canada or Hungary (depositaries)": "加拿大或匈牙利（保管國）",
    "Government of the Netherlands (depositary) and all parties": "荷蘭政府（保管國）及全體締約國",
    "Government of Norway (depositary; Sweden in 1960)": "挪威政府（保管國；1960年為瑞典）",
}  # fmt: skip
"""To whom notice is given."""

LANDS: Final[dict[str, str]] = {
    "the United States": "美國", "United States": "美國", "France": "法國", "New Zealand": "紐西蘭", "Switzerland": "瑞士",
    "Samoa": "薩摩亞", "Germany": "德國", "India": "印度", "Portugal": "葡萄牙", "Belgium": "比利時", "Spain": "西班牙",
    "Sweden": "瑞典", "Fiji": "斐濟", "Belarus": "白俄羅斯", "Ecuador": "厄瓜多", "Australia": "澳洲", "Paraguay": "巴拉圭",
    "Singapore": "新加坡", "Poland": "波蘭", "the United Kingdom": "英國", "China": "中國",
}  # fmt: skip

VCLT_NOTES: Final[dict[str, str]] = {
    "among the participants; whether it only signed or is bound was not read": "列於參加國；未查閱其僅為簽署抑或受拘束",
    "listed as Yugoslavia; which day binds it was not read": "以南斯拉夫之名列載；自何日起受拘束未查閱",
    "a signature of 1970 in the name of China; not settled here": "1970年以中國名義之簽署；此處不作認定",
    "any state that has no row here is not among the participants, signatories included; 116 parties on that day":
        "此處未列之國家，不在參加國（含簽署國）之列；當日締約國116國",
    "no participant of treaties deposited there under its own name": "未以其自身名義參加存放於該處之條約",
}  # fmt: skip

_DAY = r"[0-9X/.~?%-]+"
_READ = r"(?:receives?|received)"
_WHO = r"(?P<whom>[^;]+?)"
PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (r"P(?P<n>\d+)Y", "{n}年"), (r"P(?P<n>\d+)M", "{n}個月"), (r"P(?P<n>\d+)D", "{n}日"),
    (rf"(?:date|day) {_WHO} {_READ} the (?:notification|notice)", "{whom}收到通知之日"),
    (rf"(?:date|day) {_WHO} {_READ} the written notice", "{whom}收到書面通知之日"),
    (rf"(?:date|day) {_WHO} {_READ} the denunciation", "{whom}收到廢止通知之日"),
    (rf"(?:date|day) {_WHO} {_READ} the (?:notification|notice) \(or later date(?: named in it)?\)",
     "{whom}收到通知之日（或通知所載較後日期）"),
    (r"(?:date of )?receipt of the (?:notification|notice) \(or later date\)", "收到通知之日（或較後日期）"),
    (r"(?:date of )?receipt of the (?:notification|notice)", "收到通知之日"),
    (r"receipt of the instrument of denunciation", "收到廢止書之日"),
    (rf"receipt of (?:the )?(?:notification|notice) by {_WHO} \(or later date\)", "{whom}收到通知之日（或較後日期）"),
    (rf"receipt of (?:the )?(?:notification|notice) by {_WHO}", "{whom}收到通知之日"),
    (r"date the notice is (?:received at|communicated to) " + _WHO, "通知送達{whom}之日"),
    (rf"date of (?:reception by|notification to) {_WHO}", "通知送達{whom}之日"),
    (r"(?P<span>one year|two years|six months|twelve months) notice", "{span}前通知"),
    (r"(?P<span>one year|two years|six months|twelve months) notice in writing", "{span}前書面通知"),
    (rf"(?P<span>one year|two years|six months|twelve months) notice to {_WHO}", "{span}前通知{whom}"),
    (rf"(?P<span>one year|two years|six months|twelve months) notice in writing to {_WHO}", "{span}前書面通知{whom}"),
    (rf"written notice to {_WHO}", "書面通知{whom}"),
    (rf"notice in writing to {_WHO}", "書面通知{whom}"),
    (rf"(?:notice|notification) to {_WHO}", "通知{whom}"),
    (r"written notice", "書面通知"),
    (rf"notice by {_WHO}", "{whom}之通知"),
    (rf"notice of termination to {_WHO}", "向{whom}為終止之通知"),
    (rf"denunciation to {_WHO}", "向{whom}為廢止之通知"),
    (rf"notice of denunciation given to {_WHO}", "向{whom}為廢止之通知"),
    (r"notice of withdrawal of the declaration", "撤回聲明之通知"),
    (r"notice in writing a year in advance", "一年前書面通知"), (r"notice one year before", "一年前通知"),
    (r"notice one year before the date of effect", "生效日一年前通知"),
    (r"notice at least six months before the next ministerial conference", "至遲於下屆部長會議六個月前通知"),
    (r"official notice at least twelve months before", "至少十二個月前正式通知"),
    (r"written notice to the depositary twelve months before", "十二個月前書面通知保管機關"),
    (rf"notice to {_WHO} at least six months before", "至少六個月前通知{whom}"),
    (rf"notice to {_WHO} at least 150 days before", "至少150日前通知{whom}"),
    (r"Government of (?P<land>[\w ]+) \(depositary\)", "{land}政府（保管國）"),
    (r"depositary \((?P<land>[\w ]+)\)", "保管國（{land}）"),
    (r"(?P<whom>[^()]+) \(depositary\)", "{whom}（保管機關）"),
)  # fmt: skip
"""Wordings with values. `whom`, `land`, `vclt` and `kind` are looked up; what is not found leaves the text in English."""
SPANS: Final[dict[str, str]] = {
    "one year": "一年",
    "two years": "二年",
    "six months": "六個月",
    "twelve months": "十二個月",
}
