"""The longer texts of the report: limits, simulation, method, sources; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

PROSE: Final[dict[str, tuple[str, str]]] = {
    "limits.1": (
        "The fit uses coded years up to {last}; {missing} of the {leavable} bodies with something to "
        "leave are not in the model.",
        "估計所用編碼資料止於{last}年；有可退出者{leavable}個，其中{missing}個不在模型之內。",
    ),
    "limits.2": (
        "A coded step from member to non-member can be a lapse, a merger or an error; it is not a legal date.",
        "編碼由會員轉為非會員，可能是中斷、合併或錯誤，並非法律上的日期。",
    ),
    "limits.3": (
        "A factor compares the state with the median member of the same body and year. It shows what goes "
        "with leaving; it doesn't show a cause, and it says nothing about motives.",
        "倍數是將該國與同機構同年之中位會員相比，顯示何者與退出相伴，並非因果，也不涉及動機。",
    ),
    "limits.4": (
        "Bodies without a membership lie outside the model: taking part and paying leave no coded trace.",
        "無會籍之機構不在模型之內：參與和出資並無編碼可循。",
    ),
    "next.title_refused": ("Nothing is simulated", "未作模擬"),
    "next.joins_sub": (
        "Joins per year, all states, all bodies in the coded data: median and 95 % band",
        "每年加入次數，各國、編碼資料所收全部機構：中位數與 95% 區間",
    ),
    "next.exits_table": ("Exits year by year", "逐年退出次數"),
    "next.exits_caption": (
        "Exits per year: observed counts, then simulated median and 95 % band",
        "每年退出次數：先列觀察值，後列模擬中位數與 95% 區間",
    ),
    "next.joins_table": ("Joins year by year", "逐年加入次數"),
    "next.joins_sentence": (
        "In the same years the simulated worlds hold {median} joins (95 % band {low} to {high}). In the "
        "training years the join model expects {expected} joins where {observed} were observed.",
        "同期模擬之加入合計 {median} 次（95% 區間 {low} 至 {high}）。訓練年份中，加入模型預期 {expected} "
        "次，實際觀察 {observed} 次。",
    ),
    "next.start": (
        "Every world starts from the memberships of {year}: {cells} in all, of which {carried} ({share}) "
        "are carried forward past the end of the coded data.",
        "各模擬世界均自{year}年會籍出發：共{cells}筆，其中{carried}筆（{share}）沿用編碼資料結束時之狀態。",
    ),
    "next.worlds": (
        "{worlds} worlds, {years} years, seed {seed}. The band holds 95 % of the worlds; it leaves out "
        "doubt about the form of the model.",
        "共{worlds}個世界，{years}年，亂數種子 {seed}。區間涵蓋 95% 的世界，不含模型形式本身之疑慮。",
    ),
    "next.gap": (
        "The coded counts end in {last}; the simulation starts with {first}. No count is shown for the years between.",
        "編碼計數止於{last}年，模擬始於{first}年；其間各年不列計數。",
    ),
    "next.leaves_out": ("What the simulation leaves out", "模擬未納入者"),
    "next.out.1": (
        "Mergers of bodies, and the birth or end of states.",
        "機構合併，以及國家之新生或終止。",
    ),
    "next.out.2": (
        "Money: dues, arrears and who pays in place of a state that left.",
        "經費：會費·攤款、欠費，以及由何方補足。",
    ),
    "next.out.3": (
        "The announced exits of this case: an announcement changes no membership at the start.",
        "本案已宣布之退出：宣布不改變起始會籍。",
    ),
    "next.out.5": (
        "Where states are heading: capability and positions wander at random from their last observed values.",
        "國家走向：國力與立場自最後觀察值起隨機變動，不設方向。",
    ),
    "next.out.4": (
        "Bodies without a coded membership, and so most of the bodies on this list.",
        "無編碼會籍之機構，亦即名單上多數機構。",
    ),
    "method.title": (
        "An exit is a chain of dated acts; status on a day is derived from it",
        "退出是一連串有日期的行為，某日之狀態由此推定",
    ),
    "method.record": (
        "The record. Each act has a date, a source and a party that claims it. Announced, notified and "
        "effective are three dates, and none is turned into another. On {as_of} only acts that are "
        "certainly on or before that day count. A due date that has passed without a confirming act makes "
        "the status unknown; it makes no exit.",
        "紀錄。每一行為均載明日期、來源與主張者。宣布、通知（交存）、生效是三個日期，不互相代換。{as_of}"
        "之狀態只計確定不晚於當日之行為。屆期而無行為證實者，狀態列為無法判定，不視為退出。",
    ),
    "method.leave": (
        "What there is to leave. A membership or a treaty can be ended under a clause. Participation and "
        "funding can stop without one. An office, a court or an inter-agency mechanism has no members.",
        "可退出者。會籍與條約得依條款終止；參與和出資可逕行停止；辦公室、法庭與機構間機制並無會員。",
    ),
    "method.model": (
        "The model. Each membership-year of {first} to {last} is at risk of ending. The hazard follows a "
        "complementary log-log law with effects of state, body and year; all terms but tenure are known "
        "at least one year before. Each explanation is a fixed set of terms beside a common structure "
        "(size, age, tenure, memberships).",
        "模型。{first}至{last}年間，每一會籍年皆有終止之可能。風險率採互補雙對數式，含國家、機構與年份效"
        "應；除在會年數外，各變項均取自至少一年以前。每種解釋為一組固定變項，另加共同結構（規模、年齡、在"
        "會年數、會籍數）。",
    ),
    "method.factor": (
        "Factors. For each covered body the hazard of the state is set against that of the median member "
        "of the same year, and split by explanation. A factor above 1 goes with a higher hazard. Where "
        "the 95 % interval includes 1 the explanation is not settled.",
        "倍數。就每一涵蓋機構，將該國風險率與同年中位會員相比，並依解釋拆分。倍數大於 1 者與較高風險率相"
        "伴。95% 區間含 1 者，該說未有定論。",
    ),
    "method.simulation": (
        "Simulation. It runs only where the fit reproduces the observed number of exits. Bands are "
        "quantiles over worlds.",
        "模擬。僅在估計能重現觀察之退出次數時進行。區間為各世界之分位數。",
    ),
    "method.not_settled": (
        "Not found is not false. The list of documented exits is no census, and its gaps are not random.",
        "查無不等於沒有。有文件佐證之退出並非普查，缺漏亦非隨機。",
    ),
    "sources.title": (
        "Every figure rests on {count} sources, each with its licence",
        "各項數字出自{count}個來源，各附授權",
    ),
    "sources.caption": ("Sources of data, with licence", "資料來源與授權"),
    "sources.addresses": ("{count} addresses behind the rows", "各列所據之{count}個網址"),
    "sources.case": ("The act itself", "本案文件"),
    "sources.cite": ("How to cite", "引用方式"),
    "sources.link": ("source {number}", "來源 {number}"),
    "sources.note": ("Note", "附註"),
    "sources.bibtex": ("BibTeX, software and each source", "BibTeX：軟體與各來源"),
}
