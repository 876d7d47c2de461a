"""Japanese words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "ja"
WORDS = """
mood:dark: ダーク, 暗い, 夜, 暗め, 真夜中, 深夜, 闇
mood:sad: 悲しい, 切ない, メランコリック, 悲しげ, 孤独, エモい, エモーショナル, 哀しい, 寂しい
mood:dreamy: ドリーミー, 夢のよう, 夢, 幻想的, アンビエント, 浮遊感, 宇宙, アトモスフェリック
mood:psychedelic: サイケデリック, サイケ
mood:hard: ハード, 激しい, 攻撃的, アグレッシブ, ヘビー, 重い
mood:warm: 温かい, 暖かい, ウォーム, 優しい, やさしい, 柔らかい, まったり
mood:bright: 明るい, ハッピー, 楽しい, 夏, 爽やか, ポジティブ, 夏っぽい
mood:eerie: 怖い, 不気味, ホラー, ミステリアス, 不穏
mood:epic: 壮大, エピック
mood:romantic: ロマンチック, 恋, 愛, ラブソング
mood:cold: 冷たい, 寒い, 冬, クール
mood:playful: 遊び心, コミカル, 可愛い, かわいい
mood:soulful: ソウルフル, ソウル
mood:tense: 緊張感, 緊迫
mood:nostalgic: 懐かしい, ノスタルジック, レトロ
mood:calm: 穏やか, 静か, チル, 落ち着いた, リラックス, チルい, 雨, ゆったり, 眠れる
mood:energetic: エネルギッシュ, 元気, 盛り上がる, パーティー, ノリノリ
mood:cinematic: 映画的, シネマティック, 映画のよう, ドラマチック
mood:gritty: 荒い, ダーティ, ストリート
mood:luxurious: 豪華, ラグジュアリー
sound:piano: ピアノ
sound:electric-piano: エレピ, エレクトリックピアノ, ローズ
sound:organ: オルガン
sound:nylon-guitar: ギター, アコースティックギター, アコギ, ガットギター
sound:electric-guitar: エレキギター, エレキ
sound:distorted-guitar: ディストーションギター, 歪んだギター
sound:harp: ハープ
sound:kalimba: カリンバ
sound:koto: 琴, 箏
sound:sitar: シタール
sound:music-box: オルゴール
sound:celesta: チェレスタ
sound:bells: ベル, 鐘, 鈴
sound:marimba: マリンバ, 木琴
sound:vibraphone: ビブラフォン
sound:strings: ストリングス, 弦楽器, オーケストラ, 弦
sound:violin: バイオリン, ヴァイオリン
sound:cello: チェロ
sound:brass: ブラス, ホーン
sound:trumpet: トランペット
sound:saxophone: サックス
sound:flute: フルート, 笛
sound:pan-flute: パンフルート
sound:whistle: 口笛
sound:choir: 合唱, クワイア, コーラス
sound:vocal-chop: ボーカルチョップ
sound:hum: ハミング
sound:accordion: アコーディオン
sound:saw: シンセ, シンセサイザー, シンセリード
sound:pluck: プラック
sound:pad: パッド, シンセパッド
groove:trap: トラップ
groove:drill: ドリル
groove:boom-bap: ブーンバップ, ブームバップ
groove:lo-fi: ローファイ, ローファイヒップホップ
groove:jersey-club: ジャージークラブ
groove:phonk: フォンク
groove:afro: アフロビーツ, アフロビート
groove:dancehall: ダンスホール, レゲトン
groove:rnb: アールアンドビー
groove:west-coast: ウェストコースト, ウエストコースト
drums:rolls: ハイハットロール, ロール
drums:triplets: 三連符, 3連符, 三連
drums:swing: スウィング, スイング
drums:sparse: ミニマル, シンプル
drums:clap: クラップ, 手拍子
drums:snap: フィンガースナップ, 指パッチン
drums:shaker: シェイカー
drums:cowbell: カウベル
drums:percussion: パーカッション
drums:laid-back: レイドバック
bass:glide: グライド, スライド808, スライド, スライドベース, 808スライド, グライド808
bass:distorted: 歪んだ808, ディストーション, 歪み, 歪んだベース
bass:sub: サブベース, 重低音, サブ
bass:upright-bass: コントラバス, ウッドベース
fx:reverb: リバーブ, 残響
fx:tape: テープ, カセット
fx:vinyl: レコードノイズ, ビニール, レコード
fx:delay: ディレイ, エコー
harmony:sevenths: セブンス, ジャズ, ジャジー, ジャズコード
harmony:arpeggio: アルペジオ
melody:simple: シンプルなメロディ, シンプルなメロディー
section:intro: イントロ
section:verse: バース, ヴァース
section:hook: フック, サビ
section:bridge: ブリッジ
section:break: ブレイク
section:outro: アウトロ
part:drums: ドラム, ドラムス
part:808: ベース, 低音
part:chords: コード, 和音
part:melody: メロディ, メロディー, 旋律, リード
role:chords: 伴奏
detail:kick: キック
detail:snare: スネア
detail:hats: ハイハット
voice: ボーカル, 歌, 歌詞, 声
pace:slow: ゆっくり, スロー, 遅い
pace:fast: 速い, アップテンポ
cue:cut: なし, 抜き, 無し, いらない, 不要, なしで, 無しで, 抜きで, は要らない, はいらない, なしの, 禁止,
    ない, じゃない, じゃなくて, ではなく, ではなくて, 入れないで, 使わないで, は入れないで, を使わないで,
    を入れないで, 抜いて, を抜いて, 以外, は嫌
cue:less: 控えめ, 少なめ, 控えめに, 抑えめ
cue:only: だけ, のみ, だけで, だけの, オンリー
filler: ビート, 曲, 音楽, ヒップホップ, ラップ, 感じ, 雰囲気, 風, みたいな, ような, っぽい, 系, 作って, ください,
    お願いします, お願い, テンポ, キー, インスト, ループ, トラック, タイプ, 小節, テイク, 音, 使って, 入れて, 欲しい,
    ほしい, で, の, な, と, を, が, は, に, も, や, から, まで, です, ます, して, する, した, い, て, へ, もっと,
    とても, すごく, 少し, ちょっと, 風の, 系の, っぽく, 的な, 音色, 楽器, 入り, あり, 付き, 作る, 流れる, 聴きたい,
    合う, 向け, 用, 一つ, 個
style:travis-scott: トラビススコット, トラヴィススコット, トラビス, トラヴィス
style:kid-cudi: キッドカディ, キッドクディ, カディ
style:don-toliver: ドントリヴァー, ドントリバー, トリヴァー
groove:rage: レイジ
bass:long: 808ベース
groove:cloud: クラウドラップ, クラウド
groove:plugg: プラグ
groove:crunk: クランク
groove:detroit: デトロイト
groove:half-time: ハーフタイム
melody:counter-melody: カウンターメロディ, 対旋律
melody:repeating: 繰り返し, ループするメロディ
drums:busy: 手数の多い, 忙しい
drums:fills: フィル, フィルイン
drums:open-hats: オープンハイハット
fx:sidechain: サイドチェイン
fx:muffled: こもった
fx:bitcrush: ビットクラッシュ, 8ビット, チップチューン, ゲーム音楽
"""
